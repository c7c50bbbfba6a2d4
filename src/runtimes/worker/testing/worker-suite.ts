import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { skipWithout } from '../../../../test/requirements.ts';
import { openBox } from '../../../sandbox/index.ts';
import type { CpuBounds } from '../../boxed/cpu-account.ts';
import type { Runtime, StartSpec } from '../../runtime.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';
import { createWorker } from '../create-worker.ts';
import { FIXTURE_APP } from './fixture-app.ts';
import { type WorkerPlace, workerPlace } from './worker-place.ts';

/** Of tests that start workers as they are started everywhere. */
export const withoutBoxes = skipWithout('bubblewrap', hasBubblewrap());

function hasBubblewrap(): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'bwrap')));
}

/** What the tests of a file have in common. */
export interface WorkerSuite {
  home(): WorkerPlace;
  /** @param source of the app; default: the one with all routes */
  start(spec?: Partial<StartSpec>, source?: string): Promise<ServedApp>;
  /** The runtime they use. */
  readonly runtime: Required<Pick<Runtime, 'prepare' | 'start'>>;
}

/** Starts apps in boxes; what they leave is removed behind the last test of the file. */
export function useWorkers(cpu?: CpuBounds): WorkerSuite {
  const worker = createWorker(cpu === undefined ? { openBox } : { openBox, cpu });
  const runtime: Runtime = {
    kind: 'worker',
    isolation: 'process',
    limits: { memory: 'best_effort', fuel: 'unsupported', cpu: 'best_effort' },
    ...worker,
  };
  const artifacts = new Map<string, string>();
  let home: WorkerPlace;
  beforeAll(async () => {
    home = await workerPlace();
  });
  afterAll(() => home?.[Symbol.asyncDispose]());
  return {
    runtime: worker,
    home: () => home,
    async start(spec, source = FIXTURE_APP) {
      const artifactDir = artifacts.get(source) ?? (await home.artifactOf(source));
      artifacts.set(source, artifactDir);
      return serveApp(runtime, { artifactDir, place: home.place, memoryMb: 64, ...spec });
    },
  };
}
