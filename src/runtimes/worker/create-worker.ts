import { messageOf, systemClock, TabbifyError } from '../../kit/index.ts';
import { AppLog } from '../app-log.ts';
import { BoxedApp } from '../boxed/boxed-app.ts';
import { Cell, type CellPlan, type GuestApp, type OpenBox, openCell } from '../boxed/cell.ts';
import { type CpuBounds, OFFICE_CPU } from '../boxed/cpu-account.ts';
import { DEFAULT_MEMORY_MB } from '../boxed/guest-argv.ts';
import { runtimeError } from '../errors.ts';
import type { Prepared, RunningApp, Runtime, RuntimePlace, StartSpec } from '../runtime.ts';
import { type LoadedModule, loadModuleArtifact } from './module-artifact.ts';
import { sourcePlaces, type ToSource } from './source-places.ts';

/** How workers are run: in boxes, always, but for those who measure what a box costs. */
export interface WorkerOptions {
  readonly openBox: OpenBox;
  readonly cpu?: CpuBounds;
}

/** A cell that waits for its app. */
interface PreparedCell extends Prepared {
  readonly cell: Cell;
}

/** The two doors of a runtime of workers. */
export function createWorker({
  openBox,
  cpu = OFFICE_CPU,
}: WorkerOptions): Required<Pick<Runtime, 'prepare' | 'start'>> {
  return {
    async prepare(place: RuntimePlace): Promise<PreparedCell> {
      const cell = await openCell({ openBox, place, memoryMb: DEFAULT_MEMORY_MB });
      return { cell, dispose: async () => void (await cell.end({ kind: 'told' })) };
    },

    async start(spec: StartSpec): Promise<RunningApp> {
      const began = performance.now();
      const prepared = preparedOf(spec.prepared);
      if (prepared === null) await spec.prepared?.dispose(); // somebody else's
      const log = new AppLog(spec.log, systemClock);
      let module: LoadedModule;
      try {
        module = await loadModuleArtifact(spec.artifactDir);
      } catch (error) {
        await spec.prepared?.dispose();
        throw error;
      }
      const toSource = sourcePlaces(module.mapPath);
      const appOf = ({ source }: LoadedModule): GuestApp => ({
        env: spec.env,
        source,
        channel: spec.channel,
        take: (origin, line) => log.line(origin, toSource(line)),
      });
      const plan: CellPlan = { openBox, place: spec.place, memoryMb: spec.memoryMb };
      const open = async (): Promise<Cell> => {
        const again = appOf(await loadModuleArtifact(spec.artifactDir));
        return load(await openCell(plan), again, toSource);
      };
      const cell = (await takePrepared(prepared, spec.memoryMb)) ?? (await opened(plan));
      const there = performance.now();
      const first = await load(cell, appOf(module), toSource);
      const startup = { box_ms: Math.round(there - began), load_ms: Math.round(performance.now() - there) };
      return new BoxedApp({ first, open, cpu, log, startup });
    },
  };
}

function preparedOf(prepared: Prepared | null): PreparedCell | null {
  return prepared !== null && 'cell' in prepared && prepared.cell instanceof Cell
    ? (prepared as PreparedCell)
    : null;
}

/** Null: it cannot be used for an app of this size, and is gone. */
async function takePrepared(prepared: PreparedCell | null, memoryMb: number): Promise<Cell | null> {
  if (prepared === null) return null;
  const { cell } = prepared;
  try {
    if (cell.memoryMb === memoryMb && !cell.isOver) {
      await cell.bound(memoryMb);
      return cell;
    }
  } catch {
    // its box is not as it must be; a new one will do
  }
  await prepared.dispose();
  return null;
}

async function opened(plan: CellPlan): Promise<Cell> {
  try {
    return await openCell(plan);
  } catch (error) {
    throw notStarted(
      messageOf(error),
      (error instanceof TabbifyError ? error.hint : undefined) ?? 'See `tabbify doctor`',
      error,
    );
  }
}

/** Gives the cell its app. @throws TabbifyError `start_failed`; the cell is gone by then */
async function load(cell: Cell, app: GuestApp, toSource: ToSource): Promise<Cell> {
  try {
    const answer = await cell.load(app);
    if (answer.said === 'ready') return cell;
    await cell.end({ kind: 'told' });
    throw notStarted(toSource(placed(answer.message, answer.stack)), SEE_CODE);
  } catch (error) {
    await cell.end({ kind: 'told' });
    if (error instanceof TabbifyError) throw error;
    throw notStarted(messageOf(error), SEE_CODE, error);
  }
}

const SEE_CODE =
  'Its code must load without an error and export default { fetch(request) }, or listen with node:http';
/** Places of a stack that are told. */
const PLACES = 3;

function placed(message: string, stack: string | null): string {
  const places = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [message, ...places.slice(0, PLACES).map((line) => line.trim())].join(' ');
}

function notStarted(why: string, hint: string, cause?: unknown) {
  return runtimeError('start_failed', { what: 'The app did not start', why, hint, cause });
}
