import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkFileList } from '../index.ts';

const sha256 = createHash('sha256').update('x').digest('hex');
const file = (path: string, size = 1, digest = sha256) => ({ path, size, sha256: digest });

test('a list of plain files is passed, with the bytes of them all', () => {
  expect(checkFileList([file('tabbify.toml'), file('a/b c…ä.txt'), file('a/.env')])).toBe(3);
});

test.each([
  ['/etc/canary', /absolute/],
  ['../canary', /`\.\.`/],
  ['a/../../canary', /`\.\.`/],
  ['a//b', /empty part/],
  ['', /empty/],
  ['a\\..\\b', /backslash/],
  ['n\0l', /control/],
  ['new\nline', /control/],
  ['half\ud800', /UTF-8/],
  ['d/'.repeat(40).concat('deep'), /deeper/],
  ['x'.repeat(256), /longer/],
  ['Nul.txt', /device on Windows/],
  ['a/C:x', /colon/],
  ['end. ', /dot or a blank/],
  ['hello.txt', /twice/],
  ['HELLO.txt', /only in case/],
  ['hello.txt/below', /file and a folder/],
  ['cafe\u0301', /accents/],
  ['digest.json', /platform keeps/],
])('the file %j is refused by name', (path, why) => {
  const list = [file('hello.txt'), file('caf\u00e9'), file(path), file('after')];
  const named = JSON.stringify(path.slice(0, 60)).slice(0, 50).replace(/"$/, '');
  expect(() => checkFileList(list)).toThrow(
    expect.objectContaining({ code: 'archive_invalid', message: expect.stringMatching(why) }),
  );
  expect(() => checkFileList(list)).toThrow(named);
});

test('sizes that cannot be, and more than a version may have, are refused', () => {
  const empty = createHash('sha256').digest('hex');
  for (const one of [file('b', 2), file('c', 0), file('d', 3, empty)]) {
    expect(() => checkFileList([file('a'), one])).toThrow(
      expect.objectContaining({ code: 'archive_invalid' }),
    );
  }
  const many = Array.from({ length: 100_000 }, (_, index) => file(`f${index}`));
  expect(() => checkFileList(many)).toThrow(
    expect.objectContaining({ code: 'archive_too_large', message: expect.stringContaining('"f10000"') }),
  );
  const large = [file('a'), { path: 'large.bin', size: 2 ** 31, sha256: 'a'.repeat(64) }];
  expect(() => checkFileList(large)).toThrow(/large\.bin/);
});
