import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { RuntimeKind } from '../../app/index.ts';
import { goLikeOthers, killGroup, letOthersGoFirst, startChild, startTimeOf } from '../../kit/index.ts';
import { type RunnerBundle, runnerArguments, socketPath } from '../../runner/index.ts';

/** Where and how a host is started; nothing in it is of an app. */
export interface HostSpec {
  readonly home: string;
  readonly socketDirectory: string;
  readonly bundle: RunnerBundle;
  /** Bytes of private memory, see `ChildOptions.dataBytes`. */
  readonly dataBytes: number;
  /** Descriptor its standard output and error go to until it has an app; null: nowhere. */
  readonly output: number | null;
  /** See `HostIdentity.prepare`. */
  readonly prepare: RuntimeKind | null;
  /** See `HostIdentity.memoryMb`. */
  readonly memoryMb: number | null;
  /** See `HostIdentity.canWait`. */
  readonly canWait: boolean;
  /** See `HostIdentity.groupsWork`. */
  readonly groupsWork: boolean;
}

/**
 * A process that has the runner's program loaded and no app yet. It gets one at most, never a second; while it has none
 * it ends as soon as this process does.
 */
export interface EmptyHost {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly startTime: number | null;
  readonly nonce: string;
  /** Its control socket. */
  readonly socket: string;
  readonly dataBytes: number;
  /** Digest of the program it runs. */
  readonly programDigest: string;
  /** Resolves when its control socket listens. Rejects when it is not there in time, or ends first. */
  readonly ready: Promise<void>;
  hasEnded(): boolean;
  /** Once it has ended: had it taken the app that it was given, or was it gone before? */
  hadTaken(): Promise<boolean>;
  /** Lets go of the line that tells it that its supervisor lives: call it when the app is handed over. */
  handedOver(): void;
  /** After these milliseconds it gets as much of the CPU as anybody. */
  hurry(afterMs: number): void;
  /** Ends it, whatever it does. */
  kill(): void;
}

/** Milliseconds until the control socket must listen; some 40 are usual. */
const BOOT_TIMEOUT_MS = 15_000;
/** Descriptor of the line to the supervisor in the child. */
const READY_FD = 3;

/**
 * Starts a host: its own session, no stdin, a control socket of its own.
 *
 * @throws the system's error when the program cannot be started
 */
export async function prepareHost(spec: HostSpec): Promise<EmptyHost> {
  const { home, bundle, dataBytes, output } = spec;
  const nonce = randomUUID();
  const socket = socketPath(spec.socketDirectory, nonce);
  const { prepare, memoryMb, canWait, groupsWork } = spec;
  const args = runnerArguments({
    ...{ home, nonce, socket, prepare, memoryMb, canWait, groupsWork },
    readyFd: READY_FD,
  });
  const child = startChild(bundle.nodePath, [bundle.mainPath, ...args], {
    cwd: '/', // a directory that stays
    env: { NODE_COMPILE_CACHE: bundle.cachePath },
    stdio: ['ignore', output ?? 'ignore', output ?? 'ignore', 'pipe'],
    detached: true,
    dataBytes,
  });
  child.unref();
  if (child.pid === undefined) throw await new Promise<Error>((resolve) => child.once('error', resolve));
  if (canWait) letOthersGoFirst(child.pid);
  const line = child.stdio[READY_FD] as Socket;
  const ready = readiness(child, line);
  ready.catch(() => {}); // nobody may wait for it yet
  const said = spoken(line);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    pid: child.pid,
    startTime: startTimeOf(child.pid),
    nonce,
    socket,
    dataBytes,
    programDigest: bundle.digest,
    ready,
    hasEnded,
    hadTaken: async () => (await said).includes('taken\n'),
    handedOver: () => line.destroy(),
    hurry(afterMs) {
      const go = (): void => {
        if (canWait && !hasEnded()) goLikeOthers(child.pid ?? 0);
      };
      if (afterMs === 0) go();
      else setTimeout(go, afterMs).unref();
    },
    kill() {
      if (!hasEnded()) killGroup(child.pid);
      rmSync(socket, { force: true });
    },
  };
}

/** All that the host says, when its end of the line is closed. */
function spoken(line: Socket): Promise<string> {
  let text = '';
  line.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve) => line.once('close', () => resolve(text)));
}

function readiness(child: ChildProcess, line: Socket): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not come up in time')), BOOT_TIMEOUT_MS);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      settle();
    };
    line.once('data', () => {
      line.unref();
      done(resolve);
    });
    line.on('error', () => {}); // the end of the process tells more
    child.once('error', (error) => done(() => reject(error)));
    child.once('exit', (code, signal) =>
      done(() =>
        reject(
          new Error(`the runner ${signal === null ? `exited with code ${code}` : `was ended by ${signal}`}`),
        ),
      ),
    );
  });
}
