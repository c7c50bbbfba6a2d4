import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBox } from '../../sandbox/index.ts';
import { buildComponentArtifact, PROBE } from '../testing/component-artifact.ts';
import { until } from '../testing/served-app.ts';
import { useBoxedProbe } from '../wasm-http/testing/use-boxed-probe.ts';
import { withoutBoxes } from '../worker/testing/worker-suite.ts';
import { openShelf, type Shelf } from './shelf.ts';
import { removeLeftSockets } from './socket-names.ts';

async function folderOf(content: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shelf-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(content))
    await writeFile(join(folder, name), bytes, { mode: 0o600 });
  return folder;
}

/** Mounts a file system of its own for a process. */
const BUBBLEWRAP = 'bwrap';

const isShelf = (name: string): boolean => name.endsWith('.s');
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a shelf', () => {
  test.each([0o077, 0o777, 0o000])(
    'has what is put there, for everybody to read, under umask %i',
    async (umask) => {
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
      const [source, folder] = [await folderOf({ core: bytes, glue: 'export {}' }), await folderOf()];
      const before = process.umask(umask);
      let shelf: Shelf;
      try {
        shelf = await openShelf(folder);
        await shelf.put(['core', 'glue'].map((name) => ({ name, from: join(source, name) })));
      } finally {
        process.umask(before);
      }
      expect(await readFile(join(shelf.path, 'core'))).toEqual(bytes);
      expect(await readFile(join(shelf.path, 'glue'), 'utf8')).toBe('export {}');
      expect([shelf.path, join(shelf.path, 'core')].map(modeOf)).toEqual([0o755, 0o644]);
      await shelf.clear();
      expect(await readdir(shelf.path)).toEqual([]);
      await shelf.remove();
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('that is removed while something is put there leaves nothing, and takes nothing after that', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `core${index}`);
    const source = await folderOf(Object.fromEntries(names.map((name) => [name, Buffer.alloc(100_000)])));
    const folder = await folderOf();
    const shelf = await openShelf(folder);
    const files = [...names, 'missing'].map((name) => ({ name, from: join(source, name) }));
    const outcome = await Promise.allSettled([shelf.put(files), shelf.remove()]);
    expect(outcome.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await readdir(folder)).toEqual([]);
    await expect(shelf.put(files)).rejects.toThrow('its sandbox is gone');
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a process that is gone is removed, of one that is there is not, nor what only looks like one', async () => {
    const gone = spawn('/bin/true');
    await once(gone, 'exit');
    const folder = await folderOf();
    const own = await openShelf(folder);
    const kept = [`1-${'a'.repeat(12)}.s`, `${gone.pid}-${'a'.repeat(12)}.shelf`, `${gone.pid}.s`];
    const left = `${gone.pid}-${'b'.repeat(12)}.s`;
    for (const name of [...kept, left]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'core'), 'of somebody');
    }
    await removeLeftSockets(folder);
    const names = await readdir(folder);
    expect(names.toSorted()).toEqual([...kept, own.path.slice(folder.length + 1)].toSorted());
    expect(existsSync(join(folder, kept[0] ?? '', 'core'))).toBe(true);
  });
});

/** Waits for its app, tells what it reads, tries to write there, and names all files of that name in its world. */
const LOOKS = `
  const fs = require('node:fs');
  const tried = (work) => { try { work(); return 'done'; } catch ({ code }) { return code; } };
  const below = (folder) => fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? below(folder + entry.name + '/') : entry.name === 'core' ? [folder + 'core'] : []);
  const timer = setInterval(() => {
    let read = '';
    tried(() => { read = fs.readFileSync('/shelf/core', 'utf8'); });
    if (!read.startsWith('of ')) return;
    clearInterval(timer);
    console.log(JSON.stringify({
      read,
      seen: below('/').filter((path) => !path.startsWith('/proc/')),
      tried: [
        tried(() => fs.writeFileSync('/shelf/core', 'mine')),
        tried(() => fs.writeFileSync('/shelf/new', 'mine')),
        tried(() => fs.unlinkSync('/shelf/core')),
        tried(() => fs.renameSync('/shelf/core', '/shelf/other')),
        tried(() => fs.chmodSync('/shelf', 0o777)),
        tried(() => fs.symlinkSync('/etc/passwd', '/shelf/link')),
        tried(() => fs.linkSync('/shelf/core', '/tmp/core')),
      ],
    }));
  }, 5);`;

describe.skipIf(withoutBoxes)('in a box', () => {
  const { start, home } = useBoxedProbe();
  const shelves = async (): Promise<string[]> => (await readdir(home().place.sockets)).filter(isShelf);

  test('what is put on its shelf is there to be read, by nobody else, and nothing can be changed there', async () => {
    const { place } = home();
    const boxes = await Promise.all(
      ['one', 'two'].map(async (app) => {
        const source = await folderOf({ core: `of ${app}` });
        const shelf = await openShelf(place.sockets);
        onTestFinished(() => shelf.remove());
        const box = await openBox({
          profile: 'app',
          place: { home: place.home },
          label: 'a test',
          argv: ['/bin/node', '-e', LOOKS],
          env: {},
          files: [
            { from: process.execPath, to: '/bin/node' },
            { from: shelf.path, to: '/shelf' },
          ],
          bounds: { memoryBytes: 256 << 20, cpus: 1, tasks: 64, tmpBytes: 8 << 20, openFiles: 256 },
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        onTestFinished(() => void box.kill());
        await box.verify();
        return { app, shelf, box, file: { name: 'core', from: join(source, 'core') } };
      }),
    );
    for (const { app, shelf, box, file } of boxes) {
      await shelf.put([file]);
      const said = JSON.parse(await text(box.child.stdout as NodeJS.ReadableStream));
      expect(said).toEqual({
        read: `of ${app}`,
        seen: ['/shelf/core'],
        tried: ['EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', 'EXDEV'],
      });
      expect(await readdir(shelf.path)).toEqual(['core']);
      expect(await readFile(join(shelf.path, 'core'), 'utf8')).toBe(`of ${app}`);
    }
  });

  test('a component that serves has an empty one, one that ends has none, and its next box gets its files anew', async () => {
    await using served = await start();
    const [shelf = ''] = await shelves();
    expect(await readdir(join(home().place.sockets, shelf))).toEqual([]);
    const [init] = (await readdir(join(home().place.home, 'boxes'))).filter((name) => name.endsWith('.json'));
    const record = JSON.parse(await readFile(join(home().place.home, 'boxes', init ?? ''), 'utf8'));
    process.kill(record.init.pid, 'SIGKILL');
    await until('another box', () => served.app.stats().restarts === 1);
    expect((await fetch(served.url)).status).toBe(200);
    const [next = '', ...others] = await shelves();
    expect([next === shelf, others]).toEqual([false, []]);
    expect(await readdir(join(home().place.sockets, next))).toEqual([]);
    await served.app.purge();
    expect(await shelves()).toEqual([]);
  });

  test('a component whose files find no room does not start, says so, and leaves nothing', async () => {
    await using component = await buildComponentArtifact(PROBE, 64);
    const { place } = home();
    const sockets = await folderOf();
    const owner = fileURLToPath(new URL('./testing/owner.ts', import.meta.url));
    const small = ['--dev-bind', '/', '/', '--size', '16384', '--tmpfs', sockets, '--chmod', '0700', sockets];
    const program = [
      process.execPath,
      owner,
      'component',
      place.home,
      sockets,
      place.programs,
      component.dir,
    ];
    const child = spawn(BUBBLEWRAP, [...small, '--', ...program], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, why] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(said).toBe('begun\n');
    expect(why).toMatch(
      'The app did not start: its files could not be put where its sandbox reads them: ENOSPC: no space left on device',
    );
    expect(why).toMatch(`Make room in ${sockets}`);
    expect((await readdir(join(place.home, 'boxes'))).filter((name) => name.endsWith('.json'))).toEqual([]);
  });
});
