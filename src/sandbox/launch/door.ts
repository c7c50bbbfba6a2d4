import type { ChildProcess } from 'node:child_process';

/** Where a test of this room reaches into the start of a box, to see what is then noticed. Nobody else has it. */
export interface Door {
  /** Changes the arguments of the bubblewrap that makes the box. */
  readonly arguments?: (args: readonly string[]) => readonly string[];
  /** Changes the whole command line. */
  readonly command?: (command: readonly [string, ...string[]]) => readonly [string, ...string[]];
  /** Is told of the launcher as soon as there is one. */
  readonly spawned?: (launcher: ChildProcess) => void;
  /** Is told of the first process before it may run. */
  readonly waiting?: (pid: number) => void;
  /** Puts the box into no control group. */
  readonly outsideGroups?: true;
}
