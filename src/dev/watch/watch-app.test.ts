import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pollApp } from './poll-app.ts';
import { watchApp } from './watch-app.ts';
import type { Watching } from './watching.ts';

let root: string;
let watching: Watching | null = null;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'watch-app-')));
  await mkdir(join(root, 'src'));
  await writeFile(join(root, 'src/a.ts'), 'a');
});
afterEach(async () => {
  watching?.close();
  watching = null;
  await rm(root, { recursive: true });
});

/** Paths that were told so far, relative to the folder. */
async function watched(): Promise<Set<string>> {
  const told = new Set<string>();
  watching = await watchApp(root, {
    onStir: () => {},
    onChange: (paths) => {
      for (const path of paths) told.add(path.slice(root.length + 1));
    },
    onTrouble: (text) => expect.fail(text),
  });
  return told;
}

const WAIT = { timeout: 15_000, interval: 10 };
const tells = (told: ReadonlySet<string>, path: string) => expect.poll(() => told.has(path), WAIT).toBe(true);

describe('watchApp', () => {
  it('tells of files that are written, replaced, removed and new, and of folders that come', async () => {
    const told = await watched();
    await writeFile(join(root, 'src/a.ts'), 'b');
    await tells(told, 'src/a.ts');
    told.clear();
    await writeFile(join(root, 'src/.a.swp'), 'c');
    await rename(join(root, 'src/.a.swp'), join(root, 'src/a.ts'));
    await tells(told, 'src/a.ts');
    await mkdir(join(root, 'src/deep/down'), { recursive: true });
    await tells(told, 'src/deep');
    await expect
      .poll(async () => {
        await writeFile(join(root, 'src/deep/down/b.ts'), String(Math.random()));
        return told.has('src/deep/down/b.ts');
      }, WAIT)
      .toBe(true);
    await rm(join(root, 'src/a.ts'));
    told.clear();
    await writeFile(join(root, 'src/a.ts'), 'back');
    await tells(told, 'src/a.ts');
  });

  it('sees on in a folder that takes the place of a renamed one', async () => {
    const told = await watched();
    await rename(join(root, 'src'), join(root, 'gone'));
    await mkdir(join(root, 'src'));
    await expect
      .poll(async () => {
        await writeFile(join(root, 'src/new.ts'), String(Math.random()));
        return told.has('src/new.ts');
      }, WAIT)
      .toBe(true);
  });

  it('looks past what is installed, and what the platform keeps', async () => {
    await Promise.all(
      ['node_modules/hono', '.git', '.tabbify/dev', 'target'].map((name) =>
        mkdir(join(root, name), { recursive: true }),
      ),
    );
    const told = await watched();
    for (const name of ['node_modules/hono/a.js', '.git/HEAD', '.tabbify/dev/x', 'target/y'])
      await writeFile(join(root, name), 'x');
    await writeFile(join(root, 'src/a.ts'), 'last');
    await tells(told, 'src/a.ts');
    expect([...told]).toEqual(['src/a.ts']);
  });

  it('tells nothing any more when it is closed', async () => {
    const told = await watched();
    watching?.close();
    await writeFile(join(root, 'src/a.ts'), 'b');
    const other = await watched();
    await writeFile(join(root, 'src/a.ts'), 'c');
    await tells(other, 'src/a.ts');
    expect([...told]).toEqual([]);
  });
});

it('finds changes by looking, where nobody tells of them', async () => {
  const told = new Set<string>();
  await writeFile(join(root, 'src/goes.ts'), 'x');
  watching = pollApp(root, (path) => told.add(path.slice(root.length + 1)));
  await expect
    .poll(async () => {
      await writeFile(join(root, 'src/a.ts'), String(Math.random()));
      return told.has('src/a.ts');
    }, WAIT)
    .toBe(true);
  expect([...told]).toEqual(['src/a.ts']);
  await rm(join(root, 'src/goes.ts'));
  await tells(told, 'src/goes.ts');
});
