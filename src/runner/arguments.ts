import { runnerError } from './errors.ts';

/**
 * Who a runner is. Travels in argv, which any user of the machine can read: nothing here is a secret.
 * `nonce` tells this runner from any other, also from one that got its pid or its socket name later.
 */
export interface RunnerIdentity {
  readonly home: string;
  /** UUID of the app. */
  readonly app: string;
  readonly generation: number;
  /** UUID made for this spawn. */
  readonly nonce: string;
  /** Path of the control socket, at most 107 bytes. */
  readonly socket: string;
  /** File descriptor on which one line is written as soon as the control socket listens. */
  readonly readyFd: number;
}

/** The identity as argv entries of the runner's program. */
export function runnerArguments(identity: RunnerIdentity): readonly string[] {
  return [
    `--home=${identity.home}`,
    `--app=${identity.app}`,
    `--generation=${identity.generation}`,
    `--nonce=${identity.nonce}`,
    `--socket=${identity.socket}`,
    `--ready-fd=${identity.readyFd}`,
  ];
}

/** Reads back what `runnerArguments` wrote. @throws TabbifyError `arguments_invalid` */
export function parseRunnerArguments(argv: readonly string[]): RunnerIdentity {
  // By hand: `parseArgs` would bring in all of `node:util`, 2.5 ms of every cold start.
  const values = new Map(argv.map(splitOption));
  const [home, app, nonce, socket] = ['home', 'app', 'nonce', 'socket'].map((name) => values.get(name));
  const generation = Number(values.get('generation'));
  const readyFd = Number(values.get('ready-fd'));
  if (!home || !app || !nonce || !socket || !Number.isInteger(generation) || !Number.isInteger(readyFd)) {
    throw runnerError('arguments_invalid', {
      what: 'A runner needs home, app, generation, nonce, socket and ready-fd',
      why: `it was started with ${argv.join(' ')}`,
      hint: 'Runners are started by a supervisor: run `tabbify up`',
    });
  }
  return { home, app, generation, nonce, socket, readyFd };
}

/** `--name=value` as a pair; the value may hold `=`. */
function splitOption(argument: string): [name: string, value: string] {
  const end = argument.indexOf('=');
  return end < 0 ? [argument, ''] : [argument.slice(0, end).replace(/^--/, ''), argument.slice(end + 1)];
}
