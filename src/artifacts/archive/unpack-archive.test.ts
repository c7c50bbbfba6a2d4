import { execFileSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFiles, temporaryFolder, writeFiles } from '../folder-fixture.ts';
import { packFolder, unpackArchive, unpackInChild } from '../index.ts';
import { archiveOf, type RawEntry, tarOf } from './archive-fixture.ts';

const LIMITS = { maxEntries: 50, maxBytes: 1_000_000 };
const HELLO: RawEntry = { name: 'hello.txt', content: 'hello' };

/** Each is one entry between two good ones; `named` must stand in the error. */
const HOSTILE: readonly (RawEntry & { readonly why: RegExp; readonly before?: string })[] = [
  { name: '/etc/canary', why: /absolute/ },
  { name: '../canary', why: /`\.\.`/ },
  { name: 'a/../../canary', why: /`\.\.`/ },
  { name: './../canary', why: /`\.\.`/ },
  { name: '..', type: 'directory', why: /`\.\.`/ },
  { name: '../canary/', type: 'directory', why: /`\.\.`/ },
  { name: 'a/./b', why: /`\.`/ },
  { name: 'a//b', why: /empty part/ },
  { name: './/a', why: /absolute/ },
  { name: 'a\\..\\canary', why: /backslash/ },
  { name: 'bell\u0007', why: /control/ },
  { name: 'new\nline', why: /control/ },
  { name: 'c1\u009b31m', why: /control/ },
  { name: `${'d/'.repeat(40)}deep`, why: /deeper/ },
  { name: `${'x'.repeat(256)}`, why: /longer/ },
  { name: 'link', type: 'symlink', linkname: '/etc/passwd', why: /symlink/ },
  { name: 'link', type: 'symlink', linkname: 'hello.txt', why: /symlink/ },
  { name: 'hard', type: 'link', linkname: 'hello.txt', why: /is a link/ },
  { name: 'pipe', type: 'fifo', why: /fifo/ },
  { name: 'null', type: 'character-device', why: /character-device/ },
  { name: 'disk', type: 'block-device', why: /block-device/ },
  { name: 'hello.txt', content: 'again', why: /twice/ },
  { name: './hello.txt', content: 'again', why: /twice/ },
  { name: 'HELLO.TXT', why: /only in case/ },
  { name: 'hello.txt/below', why: /file and a folder/ },
  { name: 'hello.txt', type: 'directory', why: /file and a folder/ },
  { name: 'CON', why: /device on Windows/ },
  { name: 'a/lpt1.txt', why: /device on Windows/ },
  { name: 'C:/x', why: /colon/ },
  { name: 'hello.txt:stream', why: /colon/ },
  { name: 'hello.txt.', why: /dot or a blank/ },
  { name: 'folder /x', why: /dot or a blank/ },
  { name: 'cafe\u0301/x', content: 'x', why: /./, before: 'caf\u00e9/y' },
  { name: 'sparse', pax: { 'GNU.sparse.major': '1' }, why: /sparse/ },
];

const WAYS = [
  ['in this process', unpackArchive],
  ['in a child', unpackInChild],
] as const;

describe.each(WAYS)('unpacked %s', (_, unpack) => {
  test('plain files and folders arrive, private to the owner', async () => {
    await using home = await temporaryFolder();
    const archive = await archiveOf([
      { name: './', type: 'directory' },
      { name: './a/', type: 'directory' },
      { name: './a/b.txt', content: 'b' },
      { name: 'c/d/e', content: 'e' },
      HELLO,
    ]);
    const into = join(home.path, 'out');
    expect(await unpack(Readable.from([archive]), into, LIMITS)).toEqual({ files: 3, bytes: 7 });
    expect(await readFiles(into)).toEqual({ 'a/b.txt': 'b', 'c/d/e': 'e', 'hello.txt': 'hello' });
    expect((await stat(join(into, 'hello.txt'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(into, 'a'))).mode & 0o777).toBe(0o700);
  });

  test('an archive of tar is read, in small pieces too', async () => {
    await using home = await temporaryFolder();
    const app = await writeFiles(join(home.path, 'app'), {
      'tabbify.toml': 'x',
      [`${'long/'.repeat(24)}a`]: 'y',
    });
    const archive = execFileSync('tar', ['-C', app, '-czf', '-', '.']);
    const pieces = Array.from({ length: archive.length }, (_, index) => archive.subarray(index, index + 1));
    await unpack(Readable.from(pieces), join(home.path, 'out'), LIMITS);
    expect(await readFiles(join(home.path, 'out'))).toEqual(await readFiles(app));
  });

  test('more entries or bytes than allowed are refused at the entry where it happens', async () => {
    await using home = await temporaryFolder();
    const cases: readonly [readonly RawEntry[], RegExp][] = [
      [Array.from({ length: 51 }, (_, index) => ({ name: `f${index}` })), /f50.*50 entries/],
      [[HELLO, { name: 'big', content: Buffer.alloc(1_000_001) }], /big.*1000000 bytes/],
      [
        Array.from({ length: 4 }, (_, index) => ({ name: `b${index}`, content: Buffer.alloc(300_000) })),
        /b3/,
      ],
    ];
    for (const [entries, message] of cases) {
      await expect(
        unpack(Readable.from([await archiveOf(entries)]), join(home.path, 'out'), LIMITS),
      ).rejects.toMatchObject({
        code: 'archive_too_large',
        status: 413,
        message: expect.stringMatching(message),
      });
      expect(await readdir(home.path)).toEqual([]);
    }
  });

  test('a small archive that unpacks to very much is stopped early', async () => {
    await using home = await temporaryFolder();
    const bomb = gzipSync(Buffer.alloc(50_000_000)); // 50 kB that are 50 MB
    const tar = await tarOf([{ name: 'bomb', content: Buffer.alloc(900_000) }]);
    const claimed = gzipSync(Buffer.concat([tar.subarray(0, 512), Buffer.alloc(30_000_000)]));
    for (const archive of [bomb, claimed]) {
      await expect(unpack(Readable.from([archive]), join(home.path, 'out'), LIMITS)).rejects.toMatchObject({
        code: 'archive_too_large',
      });
      expect(await readdir(home.path)).toEqual([]);
    }
  });

  test('what is no archive, or half of one, is refused with a hint', async () => {
    await using home = await temporaryFolder();
    const whole = await archiveOf([HELLO, { name: 'more', content: Buffer.from(randomText(5000)) }]);
    const broken = Buffer.from(whole);
    broken.fill(0xff, 40, 60);
    const tar = await tarOf([HELLO]);
    const cases = [
      Buffer.alloc(0),
      Buffer.from('PK\u0003\u0004 a zip'),
      tar,
      whole.subarray(0, whole.length - 900),
      broken,
      gzipSync(tar.subarray(0, 600)),
      gzipSync(Buffer.from(randomText(2000))),
    ];
    for (const archive of cases) {
      await expect(unpack(Readable.from([archive]), join(home.path, 'out'), LIMITS)).rejects.toMatchObject({
        code: 'archive_invalid',
        hint: expect.stringContaining('tar'),
      });
      expect(await readdir(home.path)).toEqual([]);
    }
  });

  test('a refusal does not wait for the rest of the archive', async () => {
    await using home = await temporaryFolder();
    const archive = await archiveOf([HELLO, { name: '../canary', content: 'x' }]);
    for (const start of [archive, Buffer.from('no gzip at all'), gzipSync(Buffer.from(randomText(2000)))]) {
      const source = new PassThrough();
      source.write(start);
      await expect(unpack(source, join(home.path, 'out'), LIMITS)).rejects.toMatchObject({
        code: 'archive_invalid',
      });
      expect(await readdir(home.path)).toEqual([]);
    }
  });

  test('a folder that holds something is left alone', async () => {
    await using home = await temporaryFolder();
    await writeFiles(join(home.path, 'out'), { mine: 'kept' });
    await expect(
      unpack(Readable.from([await archiveOf([HELLO])]), join(home.path, 'out'), LIMITS),
    ).rejects.toMatchObject({ code: 'unpack_failed' });
    expect(await readFiles(join(home.path, 'out'))).toEqual({ mine: 'kept' });
  });

  test('an error of the source comes out as it is and nothing stays', async () => {
    await using home = await temporaryFolder();
    const archive = await archiveOf([HELLO]);
    const broken = async function* () {
      yield archive.subarray(0, 30);
      throw new Error('the line was cut');
    };
    await expect(unpack(Readable.from(broken()), join(home.path, 'out'), LIMITS)).rejects.toThrow(
      'the line was cut',
    );
    expect(await readdir(home.path)).toEqual([]);
  });
});

test.each(HOSTILE)(
  'an entry $type $name is refused by name and nothing is written',
  async ({ why, before = 'before', ...entry }) => {
    await using home = await temporaryFolder();
    const archive = await archiveOf([HELLO, { name: before }, entry, { name: 'after', content: 'never' }]);
    const refusal = unpackArchive(Readable.from([archive]), join(home.path, 'a/b/out'), LIMITS);
    await expect(refusal).rejects.toMatchObject({
      code: 'archive_invalid',
      message: expect.stringMatching(why),
    });
    await expect(refusal).rejects.toThrow(JSON.stringify(entry.name).slice(0, 100).replace(/"$/, ''));
    expect(await readFiles(home.path)).toEqual({});
  },
);

test('what a header in front of an entry says otherwise is what counts, and is refused by name', async () => {
  await using home = await temporaryFolder();
  const into = join(home.path, 'a/out');
  for (const [pax, message] of [
    [{ path: '../canary' }, /\.\.\/canary.*`\.\.`/],
    [{ path: '/canary' }, /"\/canary".*absolute/],
    [{ path: 'HELLO.TXT' }, /HELLO\.TXT.*only in case/],
    [{ size: 'many' }, /archive/],
    [{ size: '-512' }, /archive/],
    [{ size: '99999999999999999999' }, /archive/i],
    [{ size: '900000' }, /cannot be read after "plain"/],
  ] as const) {
    const archive = await archiveOf([
      HELLO,
      { name: 'plain', content: 'x', pax },
      { name: 'after', content: 'x' },
    ]);
    const refusal = unpackInChild(Readable.from([archive]), into, LIMITS, { timeoutMs: 20_000 });
    await expect(refusal).rejects.toMatchObject({
      code: expect.stringMatching(/^archive_(invalid|too_large)$/),
      message: expect.stringMatching(message),
    });
    expect(await readFiles(home.path)).toEqual({});
  }
});

test('an archive of an archive, and a header that is larger than all may be, are refused', async () => {
  await using home = await temporaryFolder();
  const inner = await archiveOf([HELLO]);
  const huge = await archiveOf([{ name: 'plain', pax: { comment: 'x'.repeat(1_100_000) } }]);
  for (const [archive, code] of [
    [gzipSync(inner), 'archive_invalid'],
    [huge, 'archive_too_large'],
  ] as const) {
    const refusal = unpackArchive(Readable.from([archive]), join(home.path, 'out'), LIMITS);
    await expect(refusal).rejects.toMatchObject({ code });
    expect(await readdir(home.path)).toEqual([]);
  }
});

test('whatever an archive holds, it is unpacked below the folder or refused', async () => {
  const part = fc.constantFrom('a', 'b', 'A', '..', '.', '', ' ', 'ä', 'a\u0308', 'x\\y', 'n\0l', '…', 'c:');
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/') || 'x');
  const entry = fc.record({
    name,
    type: fc.constantFrom('file' as const, 'file' as const, 'directory' as const, 'symlink' as const),
    linkname: fc.constant('/etc'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 4 }), async (entries) => {
      await using home = await temporaryFolder();
      await writeFiles(home.path, { canary: 'untouched' });
      const archive = await archiveOf(
        entries.map((one) => ({ ...one, ...(one.type === 'file' && { content: 'x' }) })),
      );
      const into = join(home.path, 'deep/er/out');
      const unpacked = await unpackArchive(Readable.from([archive]), into, LIMITS).catch((error) => {
        expect(error).toMatchObject({ code: 'archive_invalid' });
        return null;
      });
      const after = await readFiles(home.path);
      expect(after.canary).toBe('untouched');
      const others = Object.keys(after).filter((path) => path !== 'canary');
      expect(others.every((path) => path.startsWith('deep/er/out/'))).toBe(true);
      expect(others).toHaveLength(unpacked?.files ?? 0);
    }),
    { numRuns: 100 },
  );
});

test('what is packed comes back the same', async () => {
  const part = fc
    .stringMatching(/^[a-zé0-9_.-]{1,12}$/)
    .filter((text) => !/\.$|^(node_modules|target|\.git)$|^(con|prn|aux|nul)(\.|$)/.test(text));
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `f/${parts.join('/')}x`);
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(path, fc.string({ unit: 'binary', maxLength: 2000 }), { maxKeys: 8 }),
      async (files) => {
        await using home = await temporaryFolder();
        const app = join(home.path, 'app');
        try {
          await writeFiles(app, files);
        } catch {
          return; // one path is the folder of another
        }
        const into = join(home.path, 'out');
        const { files: count } = await unpackArchive(packFolder(app), into, LIMITS);
        expect(await readFiles(into)).toEqual(await readFiles(app));
        expect(count).toBe(Object.keys(await readFiles(app)).length);
      },
    ),
    { numRuns: 25 },
  );
});

function randomText(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 90));
  }).join('');
}
