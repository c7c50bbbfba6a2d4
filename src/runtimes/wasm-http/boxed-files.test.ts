import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBox } from '../../sandbox/index.ts';
import type { Runtime } from '../runtime.ts';
import { type BuiltArtifact, buildComponentArtifact, FILES } from '../testing/component-artifact.ts';
import { type WorkerPlace, workerPlace } from '../worker/testing/worker-place.ts';
import { withoutBoxes } from '../worker/testing/worker-suite.ts';
import { createBoxed } from './create-boxed.ts';
import { WASM_BARE } from './description.ts';
import { filesData, MAY, OPEN } from './testing/files-component.ts';

const READ_WRITE = MAY.read | MAY.write;

let artifact: BuiltArtifact;
let home: WorkerPlace;
beforeAll(async () => {
  [artifact, home] = await Promise.all([buildComponentArtifact(FILES), workerPlace()]);
});
afterAll(async () => {
  await artifact?.[Symbol.asyncDispose]();
  await home?.[Symbol.asyncDispose]();
});

test.skipIf(withoutBoxes)(
  'two boxes, as in a swap, share the files of an app, and what one has open is closed with it',
  async () => {
    const runtime: Runtime = { ...WASM_BARE, ...createBoxed({ openBox }) };
    const spec = { artifactDir: artifact.dir, place: home.place, wall: 'wasm' } as const;
    await using data = await filesData();
    await using before = await data.start(runtime, spec);
    expect(
      await before.tell(
        ['folders'],
        ['open', 0, 1, 'shared', OPEN.create, READ_WRITE, 0],
        ['write', 1, 0, 'from the first'],
        ['unlink', 0, 'shared'],
        ['open', 0, 2, 'shared', OPEN.create, READ_WRITE, 0],
        ['write', 2, 0, 'again'],
      ),
    ).toEqual(['ok /data', 'ok', 'ok 14', 'ok', 'ok', 'ok 5']);
    await using after = await data.start(runtime, spec);
    expect(
      await after.tell(['folders'], ['open', 0, 1, 'shared', 0, READ_WRITE, 0], ['read', 1, 0, 99]),
    ).toEqual(['ok /data', 'ok', 'ok again']);
    await before.served.app.stop(0);
    expect(await after.tell(['append', 1, 2], ['swrite', 2, ', and again'], ['sync', 1])).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    expect(await readFile(join(data.folder, 'files/shared'), 'utf8')).toBe('again, and again');
  },
);
