import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_FILE_DEPTH, PAGE_BYTES } from '../limits.ts';
import { type FileSession, openFileSession } from './file-session.ts';
import { FileTree } from './file-tree.ts';
import type { FileReply, FileRequest } from './requests.ts';

const MIB = 1024 * 1024;
const NOTHING = new Uint8Array(0);

let folder: string;
let files: string;
let tree: FileTree;
let session: FileSession;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  files = join(folder, 'files');
  open();
});
afterEach(() => {
  session.close();
  tree.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As a process does that begins. */
function open(maxBytes = 8 * MIB): void {
  tree = new FileTree(files, () => maxBytes);
  session = openFileSession(tree);
}

function again(maxBytes?: number): void {
  session.close();
  tree.close();
  open(maxBytes);
}

async function ask(request: FileRequest, bytes: string | Uint8Array = NOTHING): Promise<FileReply> {
  return (await session.run(request, Buffer.from(bytes))).reply;
}

const OPEN = {
  op: 'open',
  at: 0,
  follow: true,
  create: false,
  exclusive: false,
  folder: false,
  truncate: false,
  read: true,
  write: false,
  mutate: false,
  sync: null,
} as const;

async function make(path: string, content: string | Uint8Array = ''): Promise<number> {
  const { handle = -1 } = await ask({ ...OPEN, path, create: true, write: true });
  if (content.length > 0) await ask({ op: 'write', handle, offset: 0 }, content);
  return handle;
}

const close = (handle: number | undefined): Promise<FileReply> => ask({ op: 'close', handle: handle ?? -1 });

describe('what some person has put into the folder', () => {
  test('is not followed, where it leads elsewhere', async () => {
    writeFileSync(join(folder, 'canary'), 'secret');
    symlinkSync('../canary', join(files, 'link'));
    symlinkSync('..', join(files, 'up'));
    symlinkSync(folder, join(files, 'absolute'));
    mkdirSync(join(files, 'in'));
    symlinkSync('../../canary', join(files, 'in', 'link'));
    for (const path of [
      'link',
      'up/canary',
      'absolute/canary',
      'in/link',
      'in/../link',
      'up/files/link',
      './up/../canary',
    ]) {
      for (const follow of [true, false]) {
        const read = await ask({ ...OPEN, path, follow });
        const written = await ask({ ...OPEN, path, follow, create: true, write: true, truncate: true });
        expect(
          [read.error, written.error].filter((each) => each !== 'not-permitted' && each !== 'loop'),
        ).toEqual([]);
      }
      expect((await ask({ op: 'stat', at: 0, path, follow: true })).error).toBe('not-permitted');
      expect((await ask({ op: 'link', at: 0, path, follow: true, to: 0, to_path: 'hard' })).error).toBe(
        'not-permitted',
      );
      expect((await ask({ op: 'times', at: 0, path, follow: true, access: 1, modified: 1 })).error).toBe(
        'not-permitted',
      );
    }
    expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('secret');
    expect(lstatSync(join(folder, 'canary')).mtimeMs).toBeGreaterThan(2000);
    // The link itself can be looked at, renamed and removed.
    expect((await ask({ op: 'stat', at: 0, path: 'link', follow: false })).stat?.kind).toBe('symbolic-link');
    expect(await ask({ op: 'rename', at: 0, path: 'link', to: 0, to_path: 'in/other' })).toEqual({});
    expect(await ask({ op: 'unlink', at: 0, path: 'in/other' })).toEqual({});
    expect(readFileSync(join(folder, 'canary'), 'utf8')).toBe('secret');
  });

  test('is not opened where it is no file, and does not hold the process up', async () => {
    execFileSync('/usr/bin/mkfifo', [join(files, 'pipe')]);
    expect((await ask({ ...OPEN, path: 'pipe' })).error).toBe('not-permitted');
    expect((await ask({ ...OPEN, path: 'pipe', write: true })).error).toBe('not-permitted');
    expect((await ask({ op: 'stat', at: 0, path: 'pipe', follow: true })).stat?.kind).toBe('fifo');
  });

  test('is listed, also where its name is no text', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${files}/`), Buffer.from([0x61, 0xff])]), 'x');
    await close(await make('b'));
    const { handle = -1 } = await ask({ op: 'list', handle: 0 });
    const { entries = [] } = await ask({ op: 'next', handle });
    expect(entries).toHaveLength(2);
    expect(entries).toContainEqual(null);
    expect(entries).toContainEqual({ kind: 'regular-file', name: 'b' });
    expect((await ask({ op: 'next', handle })).entries).toEqual([]);
  });

  test('is counted with the next start, a file of several names once', () => {
    writeFileSync(join(files, 'big'), Buffer.alloc(10_000));
    linkSync(join(files, 'big'), join(files, 'same'));
    mkdirSync(join(files, 'sub'));
    again();
    expect(tree.entries).toBe(3);
    expect(tree.bytes).toBe(PAGE_BYTES + 3 * PAGE_BYTES + PAGE_BYTES);
  });
});

test('a folder that is put in the way of an open one changes nothing of where its files go', async () => {
  await ask({ op: 'make-folder', at: 0, path: 'a' });
  const { handle = -1 } = await ask({ ...OPEN, path: 'a', folder: true });
  await ask({ op: 'rename', at: 0, path: 'a', to: 0, to_path: 'b' });
  symlinkSync(folder, join(files, 'a'));
  const made = await ask({ ...OPEN, at: handle, path: 'x', create: true, write: true });
  expect(made.kind).toBe('regular-file');
  expect(readdirSync(join(files, 'b'))).toEqual(['x']);
  expect((await ask({ ...OPEN, at: handle, path: '../x' })).error).toBe('not-permitted');
  await ask({ op: 'unlink', at: handle, path: 'x' });
  await ask({ op: 'remove-folder', at: 0, path: 'b' });
  expect((await ask({ ...OPEN, at: handle, path: 'y', create: true, write: true })).error).toBe('no-entry');
});

test('what lies below /data is bounded in depth and length of path, also where a folder is moved with all it holds', async () => {
  let path = 'd';
  for (let depth = 1; depth < MAX_FILE_DEPTH; depth++) {
    expect(await ask({ op: 'make-folder', at: 0, path })).toEqual({});
    path += '/d';
  }
  expect(await ask({ op: 'make-folder', at: 0, path })).toEqual({});
  expect((await ask({ op: 'make-folder', at: 0, path: `${path}/d` })).error).toBe('name-too-long');
  expect((await ask({ ...OPEN, path: `${path}/f`, create: true, write: true })).error).toBe('name-too-long');
  await ask({ op: 'make-folder', at: 0, path: 'other' });
  expect((await ask({ op: 'rename', at: 0, path: 'd', to: 0, to_path: 'other/d' })).error).toBe(
    'name-too-long',
  );
  expect(await ask({ op: 'rename', at: 0, path: 'd/d', to: 0, to_path: 'other/d' })).toEqual({});
  const [long, wide] = ['n'.repeat(250), 'w'.repeat(30)];
  await ask({ op: 'make-folder', at: 0, path: wide });
  await ask({ op: 'make-folder', at: 0, path: long });
  await ask({ op: 'make-folder', at: 0, path: `${long}/${long}` });
  await ask({ op: 'make-folder', at: 0, path: `${long}/${long}/${long}` });
  const end = `${long}/${long}/${long}/${long}`;
  expect(await ask({ op: 'make-folder', at: 0, path: end })).toEqual({});
  expect((await ask({ op: 'make-folder', at: 0, path: `${end}/${long}` })).error).toBe('name-too-long');
  expect((await ask({ op: 'rename', at: 0, path: long, to: 0, to_path: `${wide}/${long}` })).error).toBe(
    'name-too-long',
  );
});

test('a folder cannot be moved into itself', async () => {
  await ask({ op: 'make-folder', at: 0, path: 'a' });
  expect((await ask({ op: 'rename', at: 0, path: 'a', to: 0, to_path: 'a/b' })).error).toBe('invalid');
  expect(tree.entries).toBe(1);
});

test('calls that say what no call says are refused, one by one', async () => {
  expect((await ask({ op: 'read', handle: 99, offset: 0, length: 1 })).error).toBe('bad-descriptor');
  expect((await ask({ op: 'next', handle: 0 })).error).toBe('bad-descriptor');
  const file = await make('f');
  expect((await ask({ op: 'next', handle: file })).error).toBe('bad-descriptor');
  expect((await ask({ op: 'list', handle: file })).error).toBe('not-directory');
  expect((await ask({ ...OPEN, at: file, path: 'x' })).error).toBe('not-directory');
  expect((await ask({ op: 'write', handle: file, offset: Number.MAX_SAFE_INTEGER }, 'x')).error).toBe(
    'file-too-large',
  );
  expect((await ask({ op: 'write', handle: file, offset: 2 ** 50 }, 'x')).error).toBe('quota');
  expect((await ask({ op: 'resize', handle: file, size: 2 ** 50 })).error).toBe('quota');
  await close(0);
  expect((await ask({ op: 'stat', handle: 0 })).stat?.kind).toBe('directory');
});

test('what a write takes is counted once, given back with the last name and the last that has it open, and the same when it is counted anew', async () => {
  const one = await make('f', Buffer.alloc(10_000));
  expect(tree.bytes).toBe(4 * PAGE_BYTES);
  const other = (await ask({ ...OPEN, path: 'f', write: true })).handle ?? -1;
  await ask({ op: 'link', at: 0, path: 'f', follow: false, to: 0, to_path: 'g' });
  await ask({ op: 'unlink', at: 0, path: 'f' });
  await ask({ op: 'unlink', at: 0, path: 'g' });
  await ask({ op: 'append', handle: other }, Buffer.alloc(PAGE_BYTES));
  expect(tree.bytes).toBe(5 * PAGE_BYTES);
  await close(one);
  expect(tree.bytes).toBe(5 * PAGE_BYTES);
  await close(other);
  expect(tree.bytes).toBe(0);
  expect(tree.entries).toBe(0);
  const [a, b] = [await make('a', Buffer.alloc(PAGE_BYTES)), await make('b', Buffer.alloc(2 * PAGE_BYTES))];
  await ask({ op: 'rename', at: 0, path: 'a', to: 0, to_path: 'b' });
  expect(tree.bytes).toBe(5 * PAGE_BYTES);
  await close(b);
  expect(tree.bytes).toBe(2 * PAGE_BYTES);
  await ask({ op: 'resize', handle: a, size: 1_000_000 });
  const holes = tree.bytes;
  again();
  expect(tree.bytes).toBe(holes);
});

test('nothing is written beyond the quota, and a lower quota still lets files be read and removed', async () => {
  again(10 * PAGE_BYTES);
  const file = await make('f', Buffer.alloc(8 * PAGE_BYTES));
  expect((await ask({ op: 'append', handle: file }, Buffer.alloc(PAGE_BYTES))).size).toBe(PAGE_BYTES);
  expect((await ask({ op: 'append', handle: file }, 'x')).error).toBe('quota');
  expect((await ask({ ...OPEN, path: 'g', create: true, write: true })).error).toBe('quota');
  expect((await ask({ op: 'make-folder', at: 0, path: 'd' })).error).toBe('quota');
  expect(readdirSync(files)).toEqual(['f']);
  again(PAGE_BYTES);
  expect((await ask({ ...OPEN, path: 'f' })).kind).toBe('regular-file');
  expect(await ask({ op: 'unlink', at: 0, path: 'f' })).toEqual({});
});

test('what is closed while it is brought to disk stays open until that is done', async () => {
  const file = await make('f', 'content');
  const synced = session.run({ op: 'sync', handle: file, sync: 'all' }, NOTHING);
  session.close();
  expect((await synced).reply).toEqual({});
  expect(readFileSync(join(files, 'f'), 'utf8')).toBe('content');
});

type Step = readonly [what: string, a: number, b: number, size: number];
const PATHS = ['a', 'b', 'd', 'd/a', 'd/e', '../a', 'd/../a'];

test('whatever is done in whatever order: what is counted is what a count of the folder finds, and within the quota', async () => {
  const step = fc.tuple(
    fc.constantFrom(
      'make',
      'make',
      'make',
      'append',
      'resize',
      'write',
      'close',
      'unlink',
      'rename',
      'rename',
      'link',
      'mkdir',
      'rmdir',
    ),
    fc.nat(PATHS.length - 1),
    fc.nat(PATHS.length - 1),
    fc.nat(40_000),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps: readonly Step[]) => {
      again(64 * PAGE_BYTES);
      const open: number[] = [];
      for (const [what, a, b, size] of steps) {
        const [path, to] = [PATHS[a] ?? '', PATHS[b] ?? ''];
        const handle = open[a % Math.max(1, open.length)] ?? -1;
        if (what === 'make') {
          const made = await ask({ ...OPEN, path, create: true, write: true, truncate: size % 2 === 0 });
          if (made.handle !== undefined) open.push(made.handle);
        } else if (what === 'append') await ask({ op: 'append', handle }, Buffer.alloc(size));
        else if (what === 'write') await ask({ op: 'write', handle, offset: size }, Buffer.alloc(100));
        else if (what === 'resize') await ask({ op: 'resize', handle, size });
        else if (what === 'close') await close(open.splice(a % Math.max(1, open.length), 1)[0]);
        else if (what === 'unlink') await ask({ op: 'unlink', at: 0, path });
        else if (what === 'rename') await ask({ op: 'rename', at: 0, path, to: 0, to_path: to });
        else if (what === 'link') await ask({ op: 'link', at: 0, path, follow: false, to: 0, to_path: to });
        else if (what === 'mkdir') await ask({ op: 'make-folder', at: 0, path });
        else await ask({ op: 'remove-folder', at: 0, path });
        expect(tree.bytes).toBeLessThanOrEqual(64 * PAGE_BYTES);
      }
      session.close();
      const counted = [tree.bytes, tree.entries];
      again();
      expect([tree.bytes, tree.entries]).toEqual(counted);
      expect(readdirSync(folder)).toEqual(['files']);
      rmSync(files, { recursive: true });
      mkdirSync(files);
    }),
    { numRuns: 150 },
  );
});
