import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { temporaryFolder } from '../folder-fixture.ts';
import { DEFAULT_UNPACK_LIMITS, unpackInChild } from '../index.ts';
import { archiveOf } from './archive-fixture.ts';

const LIMITS = DEFAULT_UNPACK_LIMITS;

test('an archive that never ends arriving is given up, its process is gone and nothing stays', async () => {
  await using home = await temporaryFolder();
  const source = new PassThrough();
  source.write((await archiveOf([{ name: 'a', content: 'x' }])).subarray(0, 40));
  await expect(
    unpackInChild(source, join(home.path, 'out'), LIMITS, { timeoutMs: 300 }),
  ).rejects.toMatchObject({
    code: 'archive_timeout',
    status: 408,
  });
  expect(await readdir(home.path)).toEqual([]);
  expect(await childrenUnpackingInto(home.path)).toEqual([]);
});

test('an abort ends the process and comes out as its reason', async () => {
  await using home = await temporaryFolder();
  const abort = new AbortController();
  const into = join(home.path, 'out');
  const unpacking = unpackInChild(new PassThrough(), into, LIMITS, { signal: abort.signal });
  unpacking.catch(() => {});
  await vi.waitUntil(async () => (await readdir(home.path)).includes('out'), {
    timeout: 10_000,
    interval: 20,
  });
  abort.abort(new Error('the client went away'));
  await expect(unpacking).rejects.toThrow('the client went away');
  expect(await readdir(home.path)).toEqual([]);
  expect(await childrenUnpackingInto(home.path)).toEqual([]);
  await expect(unpackInChild(Readable.from([]), into, LIMITS, { signal: abort.signal })).rejects.toThrow(
    'went away',
  );
});

test('a refused archive is not read to its end, and its source stays usable', async () => {
  await using home = await temporaryFolder();
  const source = new PassThrough();
  source.write(await archiveOf([{ name: '../canary', content: 'x' }]));
  await expect(unpackInChild(source, join(home.path, 'out'), LIMITS)).rejects.toMatchObject({
    code: 'archive_invalid',
    message: expect.stringContaining('../canary'),
  });
  expect(source.destroyed).toBe(false);
  expect(await readdir(home.path)).toEqual([]);
});

/** Command lines of running processes that name the folder; none where there is no /proc to look into. */
async function childrenUnpackingInto(folder: string): Promise<readonly string[]> {
  const pids = await readdir('/proc').catch(() => []);
  const lines = await Promise.all(
    pids
      .filter((pid) => /^\d+$/.test(pid))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(folder));
}

/** Tries to write to the cache when all has been unpacked, as a parser would that has been taken over. */
const TAKEN_OVER = `import { writeFileSync } from 'node:fs';
  process.on('exit', () => { try { writeFileSync(process.env.NODE_COMPILE_CACHE + '/canary', ''); } catch {} });`;

test.for([
  ['has given up', true],
  ['(control) has kept', false],
] as const)('the process %s its right to write compiled code when it unpacks', async ([, givesUp]) => {
  await using home = await temporaryFolder();
  const [folder, cache] = [join(home.path, 'out'), join(home.path, 'cache')];
  await mkdir(cache);
  const writable = [folder, join(folder, '*'), cache, join(cache, '*')];
  const child = startChild(
    process.execPath,
    [
      ...['--permission', '--allow-fs-read=*', ...writable.map((path) => `--allow-fs-write=${path}`)],
      ...['--import', `data:text/javascript,${encodeURIComponent(TAKEN_OVER)}`],
      fileURLToPath(new URL('./unpack-child.ts', import.meta.url)),
      ...[folder, JSON.stringify(LIMITS), ...(givesUp ? [cache, join(cache, '*')] : [])],
    ],
    { env: { NODE_COMPILE_CACHE: cache }, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  child.stdin?.end(await archiveOf([{ name: 'a', content: 'x' }]));
  expect(JSON.parse(await text(child.stdout as Readable))).toMatchObject({ ok: true, files: 1 });
  const kept = await readdir(cache);
  expect(kept.filter((name) => name !== 'canary')).toHaveLength(1); // node's own, of this version
  expect(kept.includes('canary')).toBe(!givesUp);
});
