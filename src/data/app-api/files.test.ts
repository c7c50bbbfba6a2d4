import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFilesLink } from '../files/files-link.ts';
import type { FileRequest } from '../files/requests.ts';
import { frameOf } from '../process/frames.ts';
import { type AppData, openAppData } from '../testing/open-app-data.ts';
import { createAppApi } from './app-api.ts';

const UPGRADE =
  'GET /v1/files HTTP/1.1\r\nhost: tabbify.internal\r\nconnection: upgrade\r\nupgrade: tabbify-files\r\n\r\n';
const CHUNK = 256 * 1024;
const OPEN = {
  op: 'open',
  at: 0,
  follow: false,
  create: true,
  exclusive: false,
  folder: false,
  truncate: false,
  read: true,
  write: true,
  mutate: false,
  sync: null,
} as const;

let root: string;
let data: AppData;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'app-api-files-'));
  data = openAppData({ folder: join(root, 'data'), dataMb: 2 });
});
afterAll(async () => {
  await data?.close();
  await rm(root, { recursive: true, force: true });
});

function connect(platform = data.platform): Duplex {
  const [ours, theirs] = duplexPair();
  theirs.once('close', () => ours.destroy());
  ours.once('close', () => theirs.destroy());
  platform(theirs);
  return ours;
}

/** A connection for files, as an app has it that speaks for itself. */
async function raw(): Promise<Duplex> {
  const stream = connect();
  stream.on('error', () => {});
  stream.write(UPGRADE);
  await new Promise<void>((resolve) => {
    stream.on('data', function heard(chunk: Buffer) {
      if (!chunk.toString('latin1').includes('101 Switching')) return;
      stream.off('data', heard);
      resolve();
    });
  });
  return stream;
}

const closed = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => (stream.destroyed ? resolve() : stream.once('close', () => resolve())));

async function firstLine(stream: Duplex): Promise<string> {
  stream.write(UPGRADE);
  for await (const chunk of stream) return (chunk as Buffer).toString('latin1').split('\r\n', 1)[0] ?? '';
  return '';
}

test('files are asked for where a runtime has a use for them, and nowhere else', async () => {
  expect(await firstLine(connect())).toContain(' 101 ');
  expect(await firstLine(connect(createAppApi(data.client)))).toContain(' 404 ');
  expect(await firstLine(connect(createAppApi(null, true)))).toContain(' 404 ');
});

test('on a connection for files nothing else can be asked for: no key, no SQL, and no higher quota', async () => {
  await data.client.call(
    { op: 'put', key: 'secret', contentType: 'text/plain', condition: null },
    Buffer.from('mine'),
  );
  const link = await openFilesLink(connect());
  const others = [
    { op: 'open', data_mb: 1_000_000 },
    { op: 'files', data_mb: 1_000_000 },
    { op: 'get', key: 'secret' },
    { op: 'sql' },
    { op: 'toString' },
    { op: 'read', handle: '0', offset: 0, length: 1 },
    { op: 'read', handle: 0, offset: -1, length: 1 },
    { op: 'read', handle: 0, offset: 1.5, length: 1 },
    { op: 'unlink', at: 0, path: 7 },
    { op: 'times', handle: 0, access: 1e300, modified: null },
  ];
  for (const request of others) {
    const { reply } = await link.call(request as unknown as FileRequest);
    expect(['invalid', 'unsupported']).toContain(reply.error);
  }
  const { reply } = await link.call({ ...OPEN, path: 'f' });
  const sized = await link.call({ op: 'resize', handle: reply.handle ?? 0, size: 3 * 1024 * 1024 });
  expect(sized.reply.error).toBe('quota');
  link.close();
});

test.each([
  ['no frame', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
  ['a frame that is no JSON', Buffer.concat([Buffer.from([0, 0, 0, 5, 0, 0, 0, 1]), Buffer.from('x')])],
  ['a frame without a number', frameOf({ op: 'stat', handle: 0 })],
  ['a frame of nothing', Buffer.concat([Buffer.from([0, 0, 0, 8, 0, 0, 0, 4]), Buffer.from('null')])],
])('who sends %s loses the connection, and nobody else anything', async (_, bytes) => {
  const bystander = await openFilesLink(connect());
  const stream = await raw();
  stream.resume();
  stream.write(bytes);
  await closed(stream);
  expect((await bystander.call({ op: 'stat', handle: 0 })).reply.stat?.kind).toBe('directory');
  bystander.close();
});

test('who does not read what is answered is not asked for more, and others are answered', async () => {
  const link = await openFilesLink(connect());
  const { handle = 0 } = (await link.call({ ...OPEN, path: 'big' })).reply;
  await link.call({ op: 'write', handle, offset: 0 }, Buffer.alloc(CHUNK));
  const stream = await raw();
  stream.write(frameOf({ id: 1, ...OPEN, path: 'big' }));
  const reads = Array.from({ length: 4000 }, (__, at) =>
    frameOf({ id: at + 2, op: 'read', handle: 1, offset: 0, length: CHUNK }),
  );
  stream.write(Buffer.concat(reads)); // a gigabyte of answers
  for (let round = 0; round < 20; round++)
    expect((await link.call({ op: 'read', handle, offset: 0, length: CHUNK })).bytes).toHaveLength(CHUNK);
  const { pid } = JSON.parse(await readFile(join(root, 'data', 'process.json'), 'utf8')) as { pid: number };
  const rss = Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  expect(rss).toBeLessThan(400);
  stream.destroy();
  link.close();
});

test('what is open is closed with its connection', async () => {
  const { pid } = JSON.parse(await readFile(join(root, 'data', 'process.json'), 'utf8')) as { pid: number };
  const descriptors = async (): Promise<number> => (await readdir(`/proc/${pid}/fd`)).length;
  const link = await openFilesLink(connect());
  await link.call({ op: 'stat', handle: 0 });
  const before = await descriptors();
  for (let at = 0; at < 100; at++) await link.call({ ...OPEN, path: `f${at % 3}` });
  expect(await descriptors()).toBeGreaterThan(before + 50);
  link.close();
  const until = performance.now() + 10_000;
  while ((await descriptors()) > before && performance.now() < until)
    await new Promise((turn) => setTimeout(turn, 10));
  expect(await descriptors()).toBeLessThanOrEqual(before);
});

test('what is open is bounded, of one connection and of all', async () => {
  const links = await Promise.all([1, 2, 3].map(() => openFilesLink(connect())));
  const opened: number[] = [];
  for (const link of links) {
    const answers = await Promise.all(
      Array.from({ length: 300 }, () => link.call({ ...OPEN, path: 'many' })),
    );
    opened.push(answers.filter(({ reply }) => reply.handle !== undefined).length);
    expect(answers.at(-1)?.reply.error).toBe('insufficient-memory');
  }
  expect(opened).toEqual([256, 256, 0]);
  for (const link of links) link.close();
});
