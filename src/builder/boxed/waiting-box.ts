import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../../sandbox/index.ts';
import { makeScratch, removeScratch } from '../artifact-cache.ts';
import { aborted, failed, timedOut } from '../build-failures.ts';
import type { ArtifactTask } from '../child/protocol.ts';
import { readMessage } from '../messages.ts';
import { requestWhereItWaits, waitingOrder } from './build-order.ts';
import { type ArtifactTaker, type BoxedBuild, buildTool, type HeardBuild, hearBuild } from './run-in-box.ts';

/** A build process in its box, with its tools loaded or at loading them, and no app yet. It gets one at most, never a second. */
export interface WaitingBox {
  /** What the box sees as its app, empty: the app is put there, readable to all. */
  readonly source: string;
  /** Resolves when its tools are loaded. Rejects when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves when nothing in it lives any more; never rejects. Its folder stays until `end`. */
  readonly gone: Promise<void>;
  /**
   * Has it build what lies in `source`. The box is ended when this settles, and may be dying yet.
   *
   * @returns false when it was gone before it began: nothing has been built, and nothing is wrong with the app
   * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
   */
  build(build: BoxedBuild, task: ArtifactTask, artifact: ArtifactTaker): Promise<boolean>;
  /** Ends it, whatever it does; resolves when nothing of it is left. Whoever has the box calls it, also when it is gone. */
  end(): Promise<void>;
}

/** Of what a box that waits is made. */
export interface WaitingPlace {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly cacheDir: string;
  /** Made before, only read. */
  readonly caches: string;
  /** A component of ours, to try the tools on; null: it does not load those for components. */
  readonly component: string | null;
}

/** Its tools are loaded by then; some 2 seconds are usual. */
const READY_MS = 60_000;

/** Starts one. It is bounded as the box of every build is, and sees nothing of any app. */
export async function openWaitingBox({
  home,
  cacheDir,
  caches,
  component,
}: WaitingPlace): Promise<WaitingBox> {
  const scratchDir = await makeScratch(cacheDir);
  const source = join(scratchDir, 'source');
  await mkdir(source);
  await chmod(source, 0o755); // the user of the box is another one
  const ending = new AbortController();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {}); // nobody may wait for it yet
  let isReady = false;
  let heard: HeardBuild | null = null;
  const open = Promise.withResolvers<(text: string) => void>();
  const { prepare, ...order } = waitingOrder(source, caches, component);
  const running = runTool({
    ...buildTool({ home, scratchDir }, 'wasm-http', order),
    label: 'build that waits',
    timeoutMs: Number.POSITIVE_INFINITY,
    signal: ending.signal,
    input: `${JSON.stringify({ prepare })}\n`,
    onOpen: open.resolve,
    onMessage(line, follow) {
      if (!isReady && readMessage(line)?.type === 'ready') {
        isReady = true;
        ready.resolve();
      } else if (heard !== null) heard.onMessage(line, follow);
      else ending.abort(); // it says what none says
    },
    onBytes: (bytes) => heard?.onBytes(bytes),
  });
  const late = setTimeout(() => ending.abort(), READY_MS);
  ready.promise.then(
    () => clearTimeout(late),
    () => clearTimeout(late),
  );
  const gone = running.then(
    () => {},
    () => {},
  );
  void gone.then(() => ready.reject(new Error('it ended before it was ready')));
  let cleared: Promise<void> | undefined;
  return {
    source,
    ready: ready.promise,
    gone,
    async build(build, task, artifact) {
      const hearing = hearBuild(build, artifact, () => ending.abort());
      heard = hearing;
      clearTimeout(late); // it may be at its tools yet, which it leaves for the build
      const request = requestWhereItWaits(task);
      const result = await within(build, ending, () => {
        void open.promise.then((write) => write(`${JSON.stringify(request)}\n`));
        return Promise.race([hearing.result, running.catch(() => null)]);
      });
      ending.abort(); // what it has said is all; nobody waits for its end
      if (result === null) return false;
      if ('type' in result) {
        if (result.type === 'failed') throw failed(result);
        return true;
      }
      if (result.ended === 'itself' && !hearing.hasSpoken()) return false;
      hearing.conclude(result, task.kind);
      return true;
    },
    end() {
      ending.abort();
      cleared ??= gone.then(() => removeScratch(scratchDir)).catch(() => {}); // swept with the next build
      return cleared;
    },
  };
}

/** Waits for it at most as long as the build may take, and ends the box then. */
async function within<Result>(
  { signal, deadline, timeoutMs }: BoxedBuild,
  ending: AbortController,
  work: () => Promise<Result>,
): Promise<Result> {
  if (signal?.aborted) throw aborted();
  const leftMs = deadline - performance.now();
  if (leftMs <= 0) throw timedOut(timeoutMs);
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {}); // it may come when all is done
  const stop = (why: Error): void => {
    ending.abort();
    stopped.reject(why);
  };
  const timer = setTimeout(() => stop(timedOut(timeoutMs)), leftMs);
  const onAbort = (): void => stop(aborted());
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), stopped.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
