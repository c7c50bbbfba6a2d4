import type { WantedDeployment } from '../client/deployments.ts';
import type { OptionSpec } from '../command.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';

/** A host that was named, and the runtime where one was. */
export interface NamedTarget {
  readonly supervisor: string;
  readonly runtime?: string;
}

/** Flags of `deploy` and `rollback`. */
export interface DeployFlags {
  readonly version?: number;
  readonly on?: readonly NamedTarget[];
  readonly leaveData?: boolean;
  readonly approve?: boolean;
}

/** `--on <host>[=<runtime>]`, as often as there are hosts. */
export const onOption: OptionSpec = {
  flags: '--on <host[=runtime]>',
  summary: 'where, instead of what [[deploy]] in the manifest says; once for each host',
  parse(text, before: readonly NamedTarget[] = []): readonly NamedTarget[] {
    const [supervisor = '', runtime, ...rest] = text.split('=');
    if (supervisor === '' || runtime === '' || rest.length > 0)
      throw refused(text, 'it must be the name of a host, or name=runtime');
    if (before.some((each) => each.supervisor === supervisor)) {
      throw refused(text, `${supervisor} is named twice, and an app runs once on a host`);
    }
    return [...before, { supervisor, ...(runtime === undefined ? {} : { runtime }) }];
  },
};

/** `--leave-data` */
export const leaveDataOption: OptionSpec = {
  flags: '--leave-data',
  summary: 'with --on: begin on that host without what the app has stored, which stays where it is',
};

/** `--approve` */
export const approveOption: OptionSpec = {
  flags: '--approve',
  summary: 'say yes to what the app asks for (needs the scope `approve`)',
};

/** The command that deploys an app to the same hosts again. */
export function deployCommand(app: string, targets: readonly NamedTarget[] = []): string {
  const flags = targets.map(({ supervisor, runtime }) => {
    const target = runtime === undefined ? supervisor : `${supervisor}=${runtime}`;
    return ` --on ${shellWord(printable(target))}`;
  });
  return `tabbify deploy ${shellWord(printable(app))}${flags.join('')}`;
}

/**
 * What the flags ask the office for.
 *
 * @throws TabbifyError `usage` when a runtime was named that does not exist
 */
export async function wantedBy({
  version,
  on = [],
  leaveData = false,
}: DeployFlags): Promise<WantedDeployment> {
  await requireRuntimes(on);
  return {
    ...(version === undefined ? {} : { version }),
    ...(on.length === 0 ? {} : { targets: on }),
    ...(leaveData && { leave_data: true }),
  };
}

async function requireRuntimes(targets: readonly NamedTarget[]): Promise<void> {
  if (targets.every(({ runtime }) => runtime === undefined)) return;
  const { RUNTIME_KINDS } = await import('../../app/index.ts');
  const kinds: readonly string[] = RUNTIME_KINDS;
  for (const { supervisor, runtime } of targets) {
    if (runtime === undefined || kinds.includes(runtime)) continue;
    throw refused(`${supervisor}=${runtime}`, `a runtime is one of ${kinds.join(', ')}`);
  }
}

function refused(text: string, why: string) {
  return cliError('usage', {
    what: `--on ${text} cannot be used`,
    why,
    hint: 'For example --on berlin --on paris=wasm-http; `tabbify status` shows the hosts and their runtimes.',
  });
}
