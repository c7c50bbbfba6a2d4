import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openBox } from '../../../sandbox/index.ts';
import type { OpenBox } from '../../boxed/cell.ts';
import type { Runtime, StartSpec } from '../../runtime.ts';
import { type BuiltArtifact, buildComponentArtifact, PROBE } from '../../testing/component-artifact.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';
import { type WorkerPlace, workerPlace } from '../../worker/testing/worker-place.ts';
import { createBoxed } from '../create-boxed.ts';
import { WASM_BARE } from '../description.ts';

/** What the tests of a file have in common. */
export interface BoxedProbes {
  home(): WorkerPlace;
  start(spec?: Partial<StartSpec>, open?: OpenBox): Promise<ServedApp>;
  /** Pids of the first processes of the boxes there are. */
  inits(): readonly number[];
}

/** The probe of `test/fixtures/components` in boxes; what they leave is removed behind the last test of the file. */
export function useBoxedProbe(): BoxedProbes {
  let artifact: BuiltArtifact;
  let home: WorkerPlace;
  beforeAll(async () => {
    [artifact, home] = await Promise.all([buildComponentArtifact(PROBE), workerPlace()]);
  });
  afterAll(async () => {
    await artifact?.[Symbol.asyncDispose]();
    await home?.[Symbol.asyncDispose]();
  });
  return {
    home: () => home,
    start(spec, open = openBox) {
      const runtime: Runtime = { ...WASM_BARE, ...createBoxed({ openBox: open }) };
      return serveApp(runtime, { artifactDir: artifact.dir, place: home.place, wall: 'wasm', ...spec });
    },
    inits() {
      const folder = join(home.place.home, 'boxes');
      const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
      const records = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
      return (records as { init: { pid: number } | null }[]).flatMap(({ init }) => init?.pid ?? []);
    },
  };
}
