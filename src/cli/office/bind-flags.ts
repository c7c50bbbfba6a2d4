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

/** A part of the office that can run alone. */
export type Part = 'node' | 'gateway' | 'supervisor';

const DEFAULT_BINDS: Readonly<Record<Part, string>> = {
  node: '127.0.0.1:8090',
  gateway: '127.0.0.1:8000',
  supervisor: '127.0.0.1:8730',
};

/** The options of a command that opens these parts. */
export function bindOptions(...parts: readonly Part[]): readonly OptionSpec[] {
  return [
    ...parts.map((part) => ({
      flags: `--${part}-bind <host:port>`,
      summary: `where the ${part} listens (default ${DEFAULT_BINDS[part]}; port 0: any free one, which is printed)`,
    })),
    ...(parts.includes('supervisor')
      ? [{ flags: '--supervisor-name <name>', summary: 'name of this host (default: its short host name)' }]
      : []),
    { flags: '--no-mesh', summary: 'everything on this machine, as this version always does' },
  ];
}

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
