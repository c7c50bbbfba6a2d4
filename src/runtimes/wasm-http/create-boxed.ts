import { join } from 'node:path';
import { systemClock } from '../../kit/index.ts';
import { AppLog } from '../app-log.ts';
import { componentBounds, DEFAULT_MEMORY_MB } from '../boxed/bounds.ts';
import { BoxedApp } from '../boxed/boxed-app.ts';
import {
  type Cell,
  type CellFit,
  type CellPlan,
  type GuestApp,
  type OpenBox,
  openCell,
} from '../boxed/cell.ts';
import { GuestFigures } from '../boxed/figures.ts';
import { firstCell } from '../boxed/first-cell.ts';
import { loadInto, type StartWords } from '../boxed/load-into.ts';
import { prepareCell, WAITING } from '../boxed/prepared-cell.ts';
import { boxMemoryExhausted } from '../boxed/problems.ts';
import { instancesBytes } from '../process-memory.ts';
import type { RunningApp, Runtime, StartSpec } from '../runtime.ts';
import { filesFor } from './files-of.ts';
import { type FoundArtifact, findArtifact } from './load-artifact.ts';
import { withSourcePlaces } from './stack-places.ts';
import { START_HINT } from './start-hint.ts';

const WORDS: StartWords = { why: (message) => message, hint: START_HINT };

/** Components in boxes: what may call nothing but its imports, in a process that may do nothing but answer. */
export function createBoxed({
  openBox,
}: {
  readonly openBox: OpenBox;
}): Required<Pick<Runtime, 'prepare' | 'start'>> {
  return {
    prepare: (place, { memoryMb = null, canWait = false } = {}) =>
      prepareCell(openBox, place, memoryMb === null ? WAITING : fitFor(memoryMb), 'component', canWait),

    async start(spec: StartSpec): Promise<RunningApp> {
      const began = performance.now();
      let artifact: FoundArtifact;
      try {
        artifact = await findArtifact(spec.artifactDir);
      } catch (error) {
        await spec.prepared?.dispose();
        throw error;
      }
      const log = new AppLog(withSourcePlaces(spec.log, artifact.mapPath), systemClock);
      const figures = new GuestFigures();
      const fit = fitFor(spec.memoryMb);
      const { hasFiles, secretFiles } = await filesFor(spec);
      const appOf = (read: FoundArtifact): GuestApp => ({
        ...programOf(read, spec, hasFiles),
        env: spec.env,
        secretFiles,
        hidesErrors: false, // of what it throws, visitors never hear
        channel: spec.channel,
        take: (origin, line) => log.line(origin, line),
        memoryExhausted: boxMemoryExhausted(fit.bounds.memoryBytes, spec.memoryMb),
        onFigures: (told) => figures.heard(told),
      });
      const plan: CellPlan = {
        openBox,
        place: spec.place,
        kind: 'component',
        canWait: spec.canWait ?? false,
        ...fit,
      };
      const open = async (): Promise<Cell> => {
        const again = appOf(await findArtifact(spec.artifactDir));
        return loadInto(await openCell({ ...plan, canWait: false }), again, WORDS);
      };
      const { first, startup } = await firstCell(began, plan, spec.prepared, appOf(artifact), WORDS);
      return new BoxedApp({
        ...{ first, open, figures, log, startup },
        cpu: null, // fuel bounds each request, and nothing runs besides them
        takesUpgrades: false,
        endsItself: false,
      });
    },
  };
}

function fitFor(memoryMb: number): CellFit {
  return { heapMb: DEFAULT_MEMORY_MB, bounds: componentBounds(memoryMb) };
}

function programOf(
  { glue, cores, handler, restorable, bundle }: FoundArtifact,
  spec: StartSpec,
  hasFiles: boolean,
): Pick<GuestApp, 'program' | 'source' | 'files'> {
  const { memoryMb, fuelPerRequest } = spec;
  return {
    program: {
      kind: 'component',
      glue,
      cores: cores.map((name) => ({ name, file: name })),
      ...{ handler, memoryMb, fuelPerRequest },
      budgetBytes: instancesBytes(memoryMb),
      reuse: spec.isolation === 'pool',
      ...{ restorable, hasFiles },
    },
    source: bundle,
    files: [glue, ...cores].map((name) => ({ name, from: join(spec.artifactDir, name) })),
  };
}
