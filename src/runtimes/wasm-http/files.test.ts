import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltArtifact, buildComponentArtifact, FILES } from '../testing/component-artifact.ts';
import { filesData, MAY, OPEN } from './testing/files-component.ts';
import { wasmHttpRuntime } from './wasm-http-runtime.ts';

const READ_WRITE = MAY.read | MAY.write;

let artifact: BuiltArtifact;
beforeAll(async () => {
  artifact = await buildComponentArtifact(FILES);
});
afterAll(() => artifact?.[Symbol.asyncDispose]());

async function start(dataMb?: number) {
  const data = await filesData(dataMb);
  const app = await data.start(wasmHttpRuntime, { artifactDir: artifact.dir });
  return {
    ...data,
    ...app,
    files: join(data.folder, 'files'),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await data[Symbol.asyncDispose]();
    },
  };
}

test('a component of an app that keeps data has one folder, /data, and what it writes there are files on the host', async () => {
  await using app = await start();
  const said = await app.tell(
    ['folders'],
    ['type', 0],
    ['flags', 0],
    ['open', 0, 1, 'notes.txt', OPEN.create, READ_WRITE, 0],
    ['write', 1, 0, 'hello'],
    ['write', 1, 5, ' world'],
    ['read', 1, 0, 100],
    ['read', 1, 11, 100],
    ['stat', 1],
    ['sync', 1],
    ['sync-data', 1],
    ['advise', 1],
    ['list', 0],
    ['close', 1],
  );
  expect(said).toEqual([
    'ok /data',
    'ok folder',
    `ok ${MAY.read | MAY.mutate}`,
    'ok',
    'ok 5',
    'ok 6',
    'ok hello world',
    'end',
    expect.stringMatching(/^ok file 1 11 /),
    'ok',
    'ok',
    'ok',
    'ok notes.txt:file',
    'ok',
  ]);
  expect(await readFile(join(app.files, 'notes.txt'), 'utf8')).toBe('hello world');
});

test('streams read from a place on, write at a place, and append; what is read has what was written before it', async () => {
  await using app = await start();
  const said = await app.tell(
    ['folders'],
    ['open', 0, 1, 'log', OPEN.create, READ_WRITE, 0],
    ['out', 1, 2, 0],
    ['swrite', 2, 'abc'],
    ['swrite', 2, 'def'],
    ['append', 1, 3],
    ['swrite', 3, 'ghi'],
    ['in', 1, 4, 2],
    ['sread', 4, 3],
    ['swrite', 2, 'GHI'],
    ['sread', 4, 100],
    ['sread', 4, 100],
    ['swrite', 3, 'jkl'],
    ['sread', 4, 100],
    ['close', 1],
    ['swrite', 3, 'mno'],
    ['sread', 4, 100],
    ['close-in', 4],
    ['close-out', 2],
    ['close-out', 3],
  );
  expect(said).toEqual([
    ...[
      'ok /data',
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
      'ok',
      'ok cde',
      'ok',
      'ok fGHI',
      'closed',
      'ok',
      'ok jkl',
    ],
    ...['ok', 'ok', 'ok mno', 'ok', 'ok', 'ok'],
  ]);
  expect(await readFile(join(app.files, 'log'), 'utf8')).toBe('abcdefGHIjklmno');
});

test('folders are made, listed, renamed and removed; files are linked, renamed and unlinked; each has its own identity', async () => {
  await using app = await start();
  const said = await app.tell(
    ['folders'],
    ['mkdir', 0, 'a'],
    ['mkdir', 0, 'a/b'],
    ['open', 0, 1, 'a/b', OPEN.directory, MAY.read, 0],
    ['open', 1, 2, 'deep.txt', OPEN.create | OPEN.exclusive, READ_WRITE, 0],
    ['open', 0, 3, 'a/b/deep.txt', 0, MAY.read, 0],
    ['same', 2, 3],
    ['same', 1, 2],
    ['open', 0, 4, '.', OPEN.directory, MAY.read, 0],
    ['same', 4, 4],
    ['link', 1, 'deep.txt', 0, 'linked'],
    ['stat-at', 0, 'linked', 0],
    ['rename', 1, 'deep.txt', 0, 'a/moved'],
    ['list', 1],
    ['rmdir', 0, 'a'],
    ['unlink', 0, 'a'],
    ['unlink', 0, 'a/moved'],
    ['rmdir', 0, 'a/b'],
    ['open', 1, 5, 'again', OPEN.create, READ_WRITE, 0],
    ['rename', 0, 'a', 0, 'c'],
    ['list', 0],
    ['rmdir', 0, 'c'],
    ['times', 2, 2, 1000, 2, 2000],
    ['times-at', 0, 'linked', 0, 0, 2, 3000],
    ['stat', 2],
  );
  expect(said.slice(0, -1)).toEqual([
    ...['ok /data', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok yes', 'ok no', 'ok', 'ok yes', 'ok'],
    expect.stringMatching(/^ok file 2 0 /),
    ...['ok', 'ok', 'err not-empty', 'err is-directory', 'ok', 'ok', 'err no-entry', 'ok'],
    expect.stringMatching(/^ok (c:folder linked:file|linked:file c:folder)$/),
    ...['ok', 'ok', 'ok'],
  ]);
  expect(said.at(-1)).toBe('ok file 1 0 1000 3000');
});

test('a hash of metadata changes with the file, and is the same where nothing has changed', async () => {
  await using app = await start();
  const said = await app.tell(
    ['folders'],
    ['open', 0, 1, 'f', OPEN.create, READ_WRITE, 0],
    ['hash', 1],
    ['hash-at', 0, 'f'],
    ['write', 1, 0, 'x'],
    ['hash', 1],
  );
  expect(said[2]).toMatch(/^ok [0-9a-f]{32}$/);
  expect(said[3]).toBe(said[2]);
  expect(said[5]).not.toBe(said[2]);
});

test('nothing leads out of /data', async () => {
  await using app = await start();
  await mkdir(join(app.files, 'sub'), { recursive: true });
  await writeFile(join(app.folder, 'canary'), 'secret');
  await symlink('../canary', join(app.files, 'link'));
  await symlink('..', join(app.files, 'up'));
  await symlink(app.folder, join(app.files, 'absolute'));
  await symlink('sub', join(app.files, 'inner'));
  // Nothing of the machine is among them: where this fails, they are written to and removed.
  const ways = ['../canary', 'sub/../../canary', join(app.folder, 'canary'), 'up/canary', 'absolute/canary'];
  const read = ways.map((path) => ['open', 0, 9, path, 0, MAY.read, 1]);
  const made = ways.map((path) => ['open', 0, 9, path, OPEN.create | OPEN.truncate, READ_WRITE, 1]);
  const removed = ways.map((path) => ['unlink', 0, path]);
  const [, ...said] = await app.tell(['folders'], ...read, ...made, ...removed);
  expect(said).toEqual(said.map(() => 'err not-permitted'));
  expect(
    await app.tell(
      ['open', 0, 9, 'link', 0, MAY.read, 1],
      ['open', 0, 9, 'link', 0, MAY.read, 0],
      ['open', 0, 9, 'inner/x', OPEN.create, READ_WRITE, 1],
      ['stat-at', 0, 'link', 1],
      ['readlink', 0, 'link'],
      ['link', 0, 'link', 0, 'hard'],
      ['rename', 0, 'sub', 0, '../out'],
      ['rename', 0, '../canary', 0, 'in'],
      ['symlink', 0, '../canary', 'mine'],
      ['open', 0, 9, '/etc/hostname', 0, MAY.read, 1],
      ['open', 0, 1, 'sub', OPEN.directory, MAY.read, 0],
      ['open', 1, 9, '..', OPEN.directory, MAY.read, 0],
      ['open', 1, 9, '../link', 0, MAY.read, 0],
      ['list', 0],
    ),
  ).toEqual([
    ...['err not-permitted', 'err loop', 'err not-permitted', 'err not-permitted', 'err not-permitted'],
    ...['err not-permitted', 'err not-permitted', 'err not-permitted', 'err not-permitted'],
    ...['err not-permitted', 'ok', 'err not-permitted', 'err not-permitted'],
    expect.stringContaining('link:link'),
  ]);
  expect(await readFile(join(app.folder, 'canary'), 'utf8')).toBe('secret');
});

test('names that are none are told as such', async () => {
  await using app = await start();
  const said = await app.tell(
    ['folders'],
    ['open', 0, 1, '', OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'a\0b', OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'n'.repeat(256), OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'n'.repeat(255), OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'tab\tand\nline', OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'ä/ö', OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'ünï', OPEN.create, READ_WRITE, 0],
    ['open', 0, 1, 'ünï/', 0, MAY.read, 0],
    ['open', 0, 1, 'new/', OPEN.create, READ_WRITE, 0],
    ['mkdir', 0, 'folder/'],
    ['rmdir', 0, '.'],
    ['rename', 0, '.', 0, 'x'],
  );
  expect(said).toEqual([
    ...['ok /data', 'err no-entry', 'err invalid', 'err name-too-long', 'ok', 'ok', 'err no-entry', 'ok'],
    ...['err not-directory', 'err is-directory', 'ok', 'err invalid', 'err busy'],
  ]);
});

test('what a descriptor was not opened for it does not do', async () => {
  await using app = await start();
  const said = await app.tell(
    ['folders'],
    ['open', 0, 1, 'f', OPEN.create, MAY.write, 0],
    ['read', 1, 0, 1],
    ['in', 1, 9, 0],
    ['open', 0, 2, 'f', 0, MAY.read, 0],
    ['write', 2, 0, 'x'],
    ['size', 2, 5],
    ['append', 2, 9],
    ['open', 0, 9, 'f', OPEN.create | OPEN.exclusive, MAY.write, 0],
    ['open', 0, 9, 'f', OPEN.directory, MAY.read, 0],
    ['open', 0, 9, 'f', OPEN.truncate, MAY.read, 0],
    ['open', 0, 9, 'f', 0, READ_WRITE | MAY.requestedSync, 0],
    ['open', 0, 9, 'g', 0, MAY.read, 0],
    ['open', 0, 9, '.', 0, READ_WRITE, 0],
    ['open', 0, 3, 'f', 0, READ_WRITE | MAY.sync, 0],
    ['write', 3, 0, 'on disk'],
    ['read', 0, 0, 1],
    ['open', 1, 9, 'x', 0, MAY.read, 0],
    ['sync', 0],
  );
  expect(said).toEqual([
    ...['ok /data', 'ok', 'err bad-descriptor', 'err bad-descriptor', 'ok', 'err bad-descriptor'],
    ...['err bad-descriptor', 'err bad-descriptor', 'err exist', 'err not-directory', 'err invalid'],
    ...[
      'err unsupported',
      'err no-entry',
      'err is-directory',
      'ok',
      'ok 7',
      'err is-directory',
      'err not-directory',
      'ok',
    ],
  ]);
});

test('files, keys and SQL share data_mb: what goes over it is refused and told, and removing makes room', async () => {
  await using app = await start(1);
  const mib = 1024 * 1024;
  const said = await app.tell(
    ['folders'],
    ['open', 0, 1, 'big', OPEN.create, READ_WRITE, 0],
    ['size', 1, 1024 * mib],
    ['write', 1, 1024 * mib, 'far'],
    ['fill', 1, 0, 2 * mib],
    ['out', 1, 2, 0],
    ['swrite', 2, 'fits'],
    ['out', 1, 3, 10 * mib],
    ['swrite', 3, 'does not'],
    ['stat', 1],
  );
  expect(said.slice(0, -1)).toEqual([
    ...['ok /data', 'ok', 'err quota', 'err quota', 'err quota', 'ok', 'ok', 'ok', 'failed quota'],
  ]);
  expect(Number(said.at(-1)?.split(' ')[3])).toBeLessThan(mib);
  expect(app.served.logged.filter((line) => line.includes('data_mb'))).toHaveLength(1);
  const put = (): Promise<unknown> =>
    app.data.client.call(
      { op: 'put', key: 'k', contentType: 'text/plain', condition: null },
      new Uint8Array(200_000),
    );
  expect(await put()).toMatchObject({ reply: { reply: 'error', error: { code: 'quota_exceeded' } } });
  // A file that is open takes its room as long as it is.
  await app.tell(['unlink', 0, 'big'], ['close-out', 2], ['close-out', 3]);
  expect(await put()).toMatchObject({ reply: { reply: 'error' } });
  await app.tell(['close', 1]);
  expect(await put()).toMatchObject({ reply: { reply: 'written' } });
});

test('what is open is bounded, and let go of with its instance', async () => {
  await using app = await start();
  const opens = Array.from({ length: 300 }, (_, at) => ['open', 0, at + 1, 'f', OPEN.create, MAY.read, 0]);
  const said = await app.tell(['folders'], ...opens);
  expect(said.filter((each) => each === 'ok')).toHaveLength(256);
  expect(said.at(-1)).toBe('err insufficient-memory');
  const closes = Array.from({ length: 256 }, (_, at) => ['close', at + 1]);
  await app.tell(...closes);
  expect(await app.tell(['open', 0, 1, 'f', 0, MAY.read, 0])).toEqual(['ok']);
});

test('what an instance of one request has left open is closed with it, and the next one begins with its own', async () => {
  await using data = await filesData();
  await using app = await data.start(wasmHttpRuntime, { artifactDir: artifact.dir, isolation: 'request' });
  const opens = Array.from({ length: 120 }, (_, at) => ['open', 0, at + 1, 'f', OPEN.create, MAY.read, 0]);
  for (let request = 0; request < 6; request++) {
    const said = await app.tell(['folders'], ...opens);
    expect(said).toEqual(['ok /data', ...opens.map(() => 'ok')]);
  }
});

test('what was written is there for the next version, and after its process was killed', async () => {
  await using data = await filesData();
  {
    await using app = await data.start(wasmHttpRuntime, { artifactDir: artifact.dir });
    await app.tell(
      ['folders'],
      ['open', 0, 1, 'kept', OPEN.create, READ_WRITE, 0],
      ['write', 1, 0, 'here'],
      ['sync', 1],
    );
  }
  await using app = await data.start(wasmHttpRuntime, { artifactDir: artifact.dir });
  expect(await app.tell(['folders'], ['open', 0, 1, 'kept', 0, READ_WRITE, 0], ['read', 1, 0, 9])).toEqual([
    'ok /data',
    'ok',
    'ok here',
  ]);
  const record = JSON.parse(await readFile(join(data.folder, 'process.json'), 'utf8')) as { pid: number };
  process.kill(record.pid, 'SIGKILL');
  // What was open is lost with it; paths are not.
  expect(await app.tell(['read', 1, 0, 9])).toEqual(['err io']);
  expect(await app.tell(['open', 0, 2, 'kept', 0, MAY.read, 0], ['read', 2, 0, 9])).toEqual([
    'ok',
    'ok here',
  ]);
  expect(await app.tell(['rename', 1, 'x', 0, 'y'])).toEqual(['err io']);
});

test('an app that keeps no data has no folder', async () => {
  await using data = await filesData();
  await using app = await data.start(wasmHttpRuntime, { artifactDir: artifact.dir, hasFiles: false });
  expect(await app.tell(['folders'])).toEqual(['ok']);
  expect(await stat(join(data.folder, 'files')).catch(() => null)).toBeNull();
});
