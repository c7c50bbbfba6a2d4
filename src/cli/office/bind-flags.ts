import type { OptionSpec } from '../command.ts';

/** Flags of every command that opens a part of the office; they win over the environment. */
export interface BindFlags {
  readonly nodeBind?: string;
  readonly gatewayBind?: string;
  readonly supervisorBind?: string;
  readonly supervisorName?: string;
  /** Commander's reading of `--no-mesh`; this version has no mesh, so both mean the same. */
  readonly mesh?: boolean;
}

export const BIND_OPTIONS: readonly OptionSpec[] = [
  { flags: '--node-bind <host:port>', summary: 'where the node listens (default 127.0.0.1:8090)' },
  { flags: '--gateway-bind <host:port>', summary: 'where the gateway listens (default 127.0.0.1:8000)' },
  {
    flags: '--supervisor-bind <host:port>',
    summary: 'where the supervisor listens (default 127.0.0.1:8730)',
  },
  { flags: '--supervisor-name <name>', summary: 'name of this host (default: its short host name)' },
  { flags: '--no-mesh', summary: 'everything on this machine, as this version always does' },
];

/** What `office/` takes: flags that were given, the home among them. */
export function officeFlags(home: string, flags: BindFlags) {
  const { nodeBind, gatewayBind, supervisorBind, supervisorName } = flags;
  return {
    home,
    ...(nodeBind === undefined ? {} : { nodeBind }),
    ...(gatewayBind === undefined ? {} : { gatewayBind }),
    ...(supervisorBind === undefined ? {} : { supervisorBind }),
    ...(supervisorName === undefined ? {} : { supervisorName }),
  };
}
