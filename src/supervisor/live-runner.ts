import type { ChildProcess } from 'node:child_process';
import { isAlive, messageOf, signalProcess } from '../kit/index.ts';
import { type ControlCommand, SPOKEN_PROTOCOLS, sendControl } from '../runner/index.ts';
import type { RunnerRecord } from './runner-record.ts';

/** How a runner ended; both null when nobody was there to be told (an adopted one). */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A runner that is watched: a child of this process, or one that an earlier supervisor left. */
export interface LiveRunner {
  readonly record: RunnerRecord;
  readonly adopted: boolean;
  /**
   * It speaks a version of the control protocol that this office does not: it serves on, knows nothing but SIGTERM, and is
   * replaced as soon as another is healthy.
   */
  readonly outdated: boolean;
  /** Confirmed dead: resolves when this very process is gone. Never, once it is released. */
  readonly ended: Promise<Ending>;
  /** Looks now instead of at the next poll; when it is false, `ended` resolves at once. */
  isAlive(): boolean;
  /** Lets requests under way finish for `graceMs`, then ends the process; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
  /**
   * Like `stop`, and has all removed that running the app has made on this machine.
   *
   * @returns null when that is done, else why some of it may still be there
   */
  purge(graceMs: number): Promise<string | null>;
  kill(): void;
  /** Stops watching and leaves the process alone. */
  release(): void;
}

/** How often an adopted runner is looked at. */
const POLL_MS = 1_000;
/** Time over the grace that a runner gets to exit before it is killed. */
const EXIT_SLACK_MS = 2_000;
const STOP_REPLY_MS = 2_000;

/** Watches a process that this one started. */
export function watchChild(child: ChildProcess, record: RunnerRecord): LiveRunner {
  const onExit = Promise.withResolvers<Ending>();
  const listener = (code: number | null, signal: string | null) => onExit.resolve({ code, signal });
  if (child.exitCode !== null || child.signalCode !== null) listener(child.exitCode, child.signalCode);
  child.once('exit', listener);
  return liveRunner(record, false, onExit.promise, () => child.off('exit', listener));
}

/** Watches a process that an earlier supervisor started. */
export function watchAdopted(record: RunnerRecord): LiveRunner {
  const gone = Promise.withResolvers<Ending>();
  const look = (): boolean => {
    if (isAlive(record)) return true;
    clearInterval(timer);
    gone.resolve({ code: null, signal: null });
    return false;
  };
  const timer = setInterval(look, POLL_MS).unref();
  return {
    ...liveRunner(record, true, gone.promise, () => clearInterval(timer)),
    isAlive: look,
  };
}

function liveRunner(
  record: RunnerRecord,
  adopted: boolean,
  ended: Promise<Ending>,
  release: () => void,
): LiveRunner {
  const outdated = !SPOKEN_PROTOCOLS.includes(record.protocol);

  /** Resolves when it has ended; it is killed when it takes longer than its grace. */
  async function endOf(graceMs: number): Promise<void> {
    const timer = setTimeout(() => signalProcess(record, 'SIGKILL'), graceMs + EXIT_SLACK_MS).unref();
    await ended;
    clearTimeout(timer);
  }

  return {
    record,
    adopted,
    outdated,
    ended,
    release,
    isAlive: () => isAlive(record), // the exit of a child is told without delay
    kill: () => void signalProcess(record, 'SIGKILL'),
    async stop(graceMs) {
      const why = outdated ? OUTDATED : await tell(record, { cmd: 'stop', grace_ms: graceMs }, STOP_REPLY_MS);
      if (why !== null) signalProcess(record, 'SIGTERM'); // without a socket there is still the signal
      await endOf(graceMs);
    },
    async purge(graceMs) {
      const purged = outdated
        ? Promise.resolve(OUTDATED)
        : tell(record, { cmd: 'purge', grace_ms: graceMs }, graceMs + EXIT_SLACK_MS);
      void purged.then((why) => why !== null && signalProcess(record, 'SIGTERM'));
      await endOf(graceMs);
      return purged;
    },
  };
}

const OUTDATED = 'it speaks another version of the control protocol';

/** @returns null when it does as it is told, else why not */
async function tell(
  { socket }: RunnerRecord,
  command: ControlCommand,
  timeoutMs: number,
): Promise<string | null> {
  try {
    const reply = await sendControl(socket, command, timeoutMs);
    if (reply.reply === 'ok') return null;
    return reply.reply === 'err' ? reply.message : `it replied ${reply.reply}`;
  } catch (error) {
    return messageOf(error);
  }
}
