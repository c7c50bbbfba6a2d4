import { asUser } from './as-user.ts';
import type { Programs } from './programs.ts';

/** How the bubblewrap of a box is started. */
export interface LaunchParts {
  readonly programs: Programs;
  /** As root: the arguments that make the stage, and who is in the box. */
  readonly stage: { readonly arguments: readonly string[]; readonly uid: number } | null;
  /** Options of prlimit(1). */
  readonly limits: readonly string[];
  /** Descriptor of bubblewrap's arguments. */
  readonly argumentsFd: number;
  /** The program in the box. */
  readonly argv: readonly string[];
}

/** The whole command line; each program in it becomes the next one, so that what they set up goes on to the box. */
export function launchCommand(parts: LaunchParts): [program: string, ...args: string[]] {
  const { bwrap, prlimit, setpriv } = parts.programs;
  const box: [string, ...string[]] = [
    ...([prlimit, ...parts.limits, '--'] as const),
    ...[bwrap, '--args', String(parts.argumentsFd), '--', ...parts.argv],
  ];
  if (parts.stage === null) return box;
  return [bwrap, ...parts.stage.arguments, '--', ...asUser(setpriv, parts.stage.uid, box)];
}
