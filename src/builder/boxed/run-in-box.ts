import { availableParallelism } from 'node:os';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { NODE_IN_BOX, runTool, type ShownFile, type ToolResult, type ToolSpec } from '../../sandbox/index.ts';
import { aborted, died, failed, timedOut } from '../build-failures.ts';
import type { BuildStep } from '../build-step.ts';
import type { BuildTask, ChildMessage, ChildRequest } from '../child/protocol.ts';
import { builderError } from '../errors.ts';
import { readMessage } from '../messages.ts';
import { NODE_OPTIONS } from '../run-child.ts';
import { MAIN_IN_BOX, shownPrograms } from './shown-programs.ts';

/** GiB that all in the box of a build have together, `/tmp` included: componentize-js needs 2. */
const MEMORY_GIB: Readonly<Record<BuildTask['kind'], number>> = { install: 2, module: 3, 'wasm-http': 3 };
const BOUNDS = { tasks: 256, tmpBytes: 512 << 20, openFiles: 4096 };
/** Steps that a build tells of; it has a handful. */
const MAX_STEPS = 1_000;

/** Who waits for a build, and how long. */
export interface BoxedBuild {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  /** Folder of this build alone, closed to other users. */
  readonly scratchDir: string;
  /** When it has to be done, by `performance.now()`, and how many milliseconds it has in all. */
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (step: BuildStep, detail: string) => void;
}

/** Takes the files of an artifact, one after the other. */
export interface ArtifactTaker {
  /** The next file. @returns why it is not taken; null: it is, and `bytes` will follow, in parts */
  begin(name: string, bytes: number): string | null;
  /** The next part of it. */
  take(part: Buffer): void;
}

/** What the build process is asked, and what it sees. */
export interface BoxOrder extends Pick<ToolSpec, 'writable' | 'channel' | 'disk'> {
  /** Paths in it are those in the box. */
  readonly request: ChildRequest;
  readonly files: readonly ShownFile[];
  /** Besides a home and a folder for temporary files. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes the files of the artifact; null: nobody wants them. */
  readonly artifact: ArtifactTaker | null;
}

/**
 * Runs the build process in a box, from its request to its result. Nothing of it is left when this resolves, but for what lies in its writable folders.
 *
 * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
 */
export async function runInBox(build: BoxedBuild, order: BoxOrder): Promise<void> {
  const { kind } = order.request.task;
  const giveUp = new AbortController();
  const hearing = hearBuild(build, order.artifact, () => giveUp.abort());
  const signal = build.signal === undefined ? giveUp.signal : AbortSignal.any([build.signal, giveUp.signal]);
  const ended = await runTool({
    ...buildTool(build, kind, order),
    label: `build of ${kind}`,
    timeoutMs: Math.max(0, build.deadline - performance.now()),
    signal,
    input: `${JSON.stringify(order.request)}\n`,
    onMessage: hearing.onMessage,
    onBytes: hearing.onBytes,
  }).catch((error: unknown) => {
    throw boxFailed(error);
  });
  hearing.conclude(ended, kind);
}

/** The part of a tool that is the same for every build of a kind. */
export function buildTool(
  { home, scratchDir }: Pick<BoxedBuild, 'home' | 'scratchDir'>,
  kind: BuildTask['kind'],
  { env, files, writable, channel, disk }: Omit<BoxOrder, 'request' | 'artifact'>,
): Omit<ToolSpec, 'label' | 'timeoutMs'> {
  return {
    place: { home, sockets: scratchDir },
    argv: [NODE_IN_BOX, ...NODE_OPTIONS, MAIN_IN_BOX],
    env: { HOME: '/tmp', TMPDIR: '/tmp', ...env },
    files: [...shownPrograms(), ...files],
    writable,
    channel,
    ...(disk && { disk }),
    bounds: { ...BOUNDS, memoryBytes: MEMORY_GIB[kind] * 2 ** 30, cpus: availableParallelism() },
    waitsForInput: true,
  };
}

/** How a build went, in the words of its process. */
type Result = Extract<ChildMessage, { readonly type: 'done' | 'failed' }>;

/** What a build process says, from its request on. */
export interface HeardBuild {
  readonly onMessage: NonNullable<ToolSpec['onMessage']>;
  readonly onBytes: NonNullable<ToolSpec['onBytes']>;
  /** Has it said anything? */
  hasSpoken(): boolean;
  /** Resolves when it has said how the build went. All of the artifact has been taken by then, and nothing more is. */
  readonly result: Promise<Result>;
  /** Once it has ended. @throws TabbifyError as `runInBox`, unless it was done */
  conclude(ended: ToolResult, kind: BuildTask['kind']): void;
}

/** @param giveUp ends the box: what it says is not what a build says */
export function hearBuild(build: BoxedBuild, artifact: ArtifactTaker | null, giveUp: () => void): HeardBuild {
  const told = Promise.withResolvers<Result>();
  let result: Result | null = null;
  let refusal: string | null = null;
  let steps = 0;
  let hasSpoken = false;
  const refuse = (why: string): void => {
    refusal = why;
    giveUp();
  };
  return {
    onMessage(line, follow) {
      hasSpoken = true;
      if (refusal !== null || result !== null) return;
      const message = readMessage(line);
      if (message === undefined || message.type === 'ready') refuse('it said what no build says');
      else if (message.type === 'progress' && ++steps > MAX_STEPS)
        refuse('it told of more steps than a build has');
      else if (message.type === 'progress') build.onProgress(message.step, message.detail);
      else if (message.type === 'file') {
        const why = artifact?.begin(message.name, message.bytes) ?? null;
        if (why !== null) refuse(why);
        else follow(message.bytes);
      } else {
        result = message;
        told.resolve(message);
      }
    },
    onBytes: (part) => artifact?.take(part),
    hasSpoken: () => hasSpoken,
    result: told.promise,
    conclude(ended, kind) {
      if (refusal !== null && !build.signal?.aborted) throw strange(refusal);
      if (ended.ended !== 'itself') throw stopped(ended, build.timeoutMs, MEMORY_GIB[kind]);
      if (result === null) throw died(exitOf(ended), `${ended.stdout}${ended.stderr}`);
      if (result.type === 'failed') throw failed(result);
    },
  };
}

function exitOf({ code, signal }: ToolResult): string {
  return signal ?? `exit code ${code}`;
}

function stopped({ ended }: ToolResult, timeoutMs: number, memoryGib: number): Error {
  switch (ended) {
    case 'timeout':
      return timedOut(timeoutMs);
    case 'aborted':
      return aborted();
    case 'memory':
      return builderError('build_failed', {
        what: 'The build needs more memory than a build may have',
        why: `it is bounded to ${memoryGib} GiB`,
        hint: 'Look for large data that is made outside of `fetch`, or large files that are imported.',
      });
    case 'disk':
      return builderError('build_failed', {
        what: 'The packages take more room than a build may have',
        why: 'they were ended while they were unpacked',
        hint: 'Leave out packages that are not needed, above all those with large files.',
      });
    default:
      return strange('it wrote more than anybody reads');
  }
}

function strange(why: string): Error {
  return builderError('build_broken', {
    what: 'The build process was ended',
    why,
    hint: 'Try once more; when it stays, report it with the packages of the app.',
  });
}

function boxFailed(error: unknown): unknown {
  if (!(error instanceof TabbifyError)) return error;
  return builderError('build_broken', {
    what: 'The build has no sandbox to run in',
    why: messageOf(error),
    hint: 'Try once more; `tabbify doctor` says what the machine can do.',
    cause: error,
  });
}
