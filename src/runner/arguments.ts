import type { Runtime } from '../runtimes/index.ts';
import { runnerError } from './errors.ts';

/**
 * Who a host is, before it has an app: that comes with `deploy`. Travels in argv, which any user of the machine can read:
 * nothing here is a secret. `nonce` tells this host from any other, also from one that got its pid or its socket name later.
 */
export interface HostIdentity {
  readonly home: string;
  /** UUID made for this spawn. */
  readonly nonce: string;
  /** Path of the control socket, at most 107 bytes. */
  readonly socket: string;
  /**
   * File descriptor of a socket pair whose other end the supervisor holds: the line `ready` is written to it as soon as
   * the control socket listens, the line `taken` when an app has come; its end tells a host without one that its supervisor
   * is gone.
   */
  readonly readyFd: number;
  /** Runtime whose starts it readies as long as it has no app, and with them those of others that run in the same box; null: none. */
  readonly prepare: Runtime['kind'] | null;
  /** MiB that the app which comes may have; null: nobody knows yet which app that will be. */
  readonly memoryMb: number | null;
  /** Does nobody wait for the app that it will get? */
  readonly canWait: boolean;
  /** Has its supervisor made control groups here for boxes? Then they need not be tried again. */
  readonly groupsWork: boolean;
}

/** The identity as argv entries of the runner's program. */
export function runnerArguments(identity: HostIdentity): readonly string[] {
  return [
    `--home=${identity.home}`,
    `--nonce=${identity.nonce}`,
    `--socket=${identity.socket}`,
    `--ready-fd=${identity.readyFd}`,
    ...(identity.prepare === null ? [] : [`--prepare=${identity.prepare}`]),
    ...(identity.memoryMb === null ? [] : [`--memory-mb=${identity.memoryMb}`]),
    ...(identity.canWait ? ['--can-wait=yes'] : []),
    ...(identity.groupsWork ? ['--groups-work=yes'] : []),
  ];
}

/** Reads back what `runnerArguments` wrote. @throws TabbifyError `arguments_invalid` */
export function parseRunnerArguments(argv: readonly string[]): HostIdentity {
  // By hand: `parseArgs` would bring in all of `node:util`, 2.5 ms of every cold start.
  const values = new Map(argv.map(splitOption));
  const [home, nonce, socket] = ['home', 'nonce', 'socket'].map((name) => values.get(name));
  const readyFd = Number(values.get('ready-fd'));
  if (!home || !nonce || !socket || !Number.isInteger(readyFd)) {
    throw runnerError('arguments_invalid', {
      what: 'A runner needs home, nonce, socket and ready-fd',
      why: `it was started with ${argv.join(' ')}`,
      hint: 'Runners are started by a supervisor: run `tabbify up`',
    });
  }
  const prepare = (values.get('prepare') ?? null) as HostIdentity['prepare'];
  const memoryMb = Number(values.get('memory-mb') ?? 0) || null;
  const is = (name: string) => values.get(name) === 'yes';
  const [canWait, groupsWork] = [is('can-wait'), is('groups-work')];
  return { home, nonce, socket, readyFd, prepare, memoryMb, canWait, groupsWork };
}

/** `--name=value` as a pair; the value may hold `=`. */
function splitOption(argument: string): [name: string, value: string] {
  const end = argument.indexOf('=');
  return end < 0 ? [argument, ''] : [argument.slice(0, end).replace(/^--/, ''), argument.slice(end + 1)];
}
