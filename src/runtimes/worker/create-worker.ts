import { systemClock } from '../../kit/index.ts';
import { AppLog } from '../app-log.ts';
import { moduleBounds } from '../boxed/bounds.ts';
import { BoxedApp } from '../boxed/boxed-app.ts';
import {
  type Cell,
  type CellFit,
  type CellPlan,
  type GuestApp,
  type OpenBox,
  openCell,
} from '../boxed/cell.ts';
import { type CpuBounds, OFFICE_CPU } from '../boxed/cpu-account.ts';
import { firstCell } from '../boxed/first-cell.ts';
import { loadInto, type StartWords } from '../boxed/load-into.ts';
import { prepareCell, WAITING } from '../boxed/prepared-cell.ts';
import { memoryExhausted } from '../boxed/problems.ts';
import type { RunningApp, Runtime, StartSpec } from '../runtime.ts';
import { sourcePlaces } from '../source-places.ts';
import { withoutFlags } from './denial-words.ts';
import { isGuestFrame } from './guest-frames.ts';
import { type LoadedModule, loadModuleArtifact } from './module-artifact.ts';

/** How workers are run: in boxes, always, but for those who measure what a box costs. */
export interface WorkerOptions {
  readonly openBox: OpenBox;
  readonly cpu?: CpuBounds;
}

/** The two doors of a runtime of workers. */
export function createWorker({
  openBox,
  cpu = OFFICE_CPU,
}: WorkerOptions): Required<Pick<Runtime, 'prepare' | 'start'>> {
  return {
    prepare: (place, { memoryMb = null, canWait = false } = {}) =>
      memoryMb === null
        ? prepareCell(openBox, place, WAITING, null, canWait)
        : prepareCell(openBox, place, fitFor(memoryMb), 'module', canWait),

    async start(spec: StartSpec): Promise<RunningApp> {
      const began = performance.now();
      const log = new AppLog(spec.log, systemClock);
      let module: LoadedModule;
      try {
        module = await loadModuleArtifact(spec.artifactDir);
      } catch (error) {
        await spec.prepared?.dispose();
        throw error;
      }
      const { memoryMb } = spec;
      const toSource = sourcePlaces(module.mapPath);
      const words: StartWords = {
        why: (message, stack) => withoutFlags(toSource(placed(message, stack))),
        hint: 'Its code must load without an error and export default { fetch(request) }, or listen with node:http',
      };
      const appOf = ({ source }: LoadedModule): GuestApp => ({
        env: spec.env,
        secretFiles: spec.secretFiles ?? {},
        hidesErrors: spec.hidesErrors ?? false,
        program: { kind: 'module' },
        source,
        files: [],
        channel: spec.channel,
        take(origin, line) {
          if (!isGuestFrame(line)) log.line(origin, withoutFlags(toSource(line)));
        },
        memoryExhausted: memoryExhausted(memoryMb),
        onFigures: () => {},
      });
      const plan: CellPlan = {
        openBox,
        place: spec.place,
        kind: 'module',
        canWait: spec.canWait ?? false,
        ...fitFor(memoryMb),
      };
      const open = async (): Promise<Cell> => {
        const again = appOf(await loadModuleArtifact(spec.artifactDir));
        return loadInto(await openCell({ ...plan, canWait: false }), again, words);
      };
      const { first, startup } = await firstCell(began, plan, spec.prepared, appOf(module), words);
      return new BoxedApp({
        ...{ first, open, cpu, log, startup },
        takesUpgrades: true,
        endsItself: true,
        figures: null,
      });
    },
  };
}

function fitFor(memoryMb: number): CellFit {
  return { heapMb: memoryMb, bounds: moduleBounds(memoryMb) };
}

/** Places of a stack that are told. */
const PLACES = 3;

function placed(message: string, stack: string | null): string {
  const places = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at (?!.*\(?node:internal\/)/.test(line) && !isGuestFrame(line));
  return [message, ...places.slice(0, PLACES).map((line) => line.trim())].join(' ');
}
