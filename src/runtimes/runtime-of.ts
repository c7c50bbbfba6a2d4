import { messageOf } from '../kit/index.ts';
import { type BoxPlace, type BoxReport, probeBoxes, settleGroups } from '../sandbox/index.ts';
import { runtimeError } from './errors.ts';
import type { Runtime, RuntimeDescription } from './runtime.ts';
import { describeWasmHttp } from './wasm-http/description.ts';
import { describeWorker } from './worker/description.ts';

/** The way to the code of every runtime of this version. */
const RUNTIMES: ReadonlyMap<Runtime['kind'], () => Promise<Runtime>> = new Map([
  ['wasm-http', async () => (await import('./wasm-http/wasm-http-runtime.ts')).wasmHttpRuntime],
  ['worker', async () => (await import('./worker/worker-runtime.ts')).workerRuntime],
]);

/** A runtime that a machine cannot run. */
export interface RuntimeRefusal {
  readonly kind: Runtime['kind'];
  /** In words for a person. */
  readonly why: string;
  readonly hint: string;
}

/** What a machine runs, and what it would run if it could. */
export interface RuntimesHere {
  readonly runtimes: readonly RuntimeDescription[];
  readonly refused: readonly RuntimeRefusal[];
}

/** UTF-16 units of a text that a supervisor announces; a probe may have a program's whole output to tell. */
const MAX_TEXT = 1_000;

/** What this machine runs, and what it holds such apps to: a box is really started and looked at. Loads no code of a runtime. */
export async function describeRuntimes(place: BoxPlace): Promise<RuntimesHere> {
  const report = await probed(place);
  if (report.possible) return { runtimes: [describeWasmHttp(report), describeWorker(report)], refused: [] };
  const [why, hint] = [report.why, report.hint].map((text) => text.slice(0, MAX_TEXT)) as [string, string];
  return { runtimes: [describeWasmHttp(report)], refused: [{ kind: 'worker', why, hint }] };
}

/** Has the box that was started to see it been in control groups of its own? */
export function haveGroups({ runtimes }: RuntimesHere): boolean {
  return runtimes.some(({ kind, limits }) => kind === 'worker' && limits.memory === 'enforced');
}

/** A machine that cannot even be asked runs what needs no box. */
async function probed(place: BoxPlace): Promise<BoxReport> {
  try {
    await settleGroups();
    return await probeBoxes(place);
  } catch (error) {
    return {
      possible: false,
      why: messageOf(error),
      hint: 'Run `tabbify doctor`, and start the office again',
    };
  }
}

/**
 * The runtime of a kind; its code is loaded by the first call.
 *
 * @throws TabbifyError `runtime_unknown` for a kind this version cannot run
 */
export async function runtimeOf(kind: Runtime['kind']): Promise<Runtime> {
  const load = RUNTIMES.get(kind);
  if (load !== undefined) return load();
  throw runtimeError('runtime_unknown', {
    what: `This version of the platform cannot run ${kind}`,
    hint: 'Set runtime.type = "worker" or "wasm-http" in tabbify.toml',
  });
}

/** Loads the code of every runtime that this process may be asked for, before it is. */
export async function preloadRuntimes(): Promise<void> {
  await Promise.all([...RUNTIMES.values()].map((load) => load()));
}
