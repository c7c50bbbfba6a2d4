import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collector } from '../testing/run-cli.ts';
import { startProgress } from './progress.ts';
import { printable } from './style.ts';
import { sizeText, tableLines } from './table.ts';

test('what is printable holds no control character but newline and tab', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}--[\n\t]]/v);
      expect(printable(text)).not.toMatch(/\p{Bidi_Control}/u);
    }),
  );
  expect(printable('caf\u00e9 \u2192 \u{1f950}\n')).toBe('caf\u00e9 \u2192 \u{1f950}\n');
});

test('columns line up whatever their colours', () => {
  expect(
    tableLines([
      ['a', 'b'],
      ['\u001b[31mlong\u001b[39m', 'c'],
      ['', ''],
    ]),
  ).toEqual(['a     b', '\u001b[31mlong\u001b[39m  c', '']);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KB'],
  [20_480, '20 KB'],
  [5 * 1024 ** 3, '5.0 GB'],
])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));

function shown(isTTY: boolean, quiet: boolean): string {
  const { stream: stderr, text } = collector(isTTY);
  const io = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    env: { NO_COLOR: '1' },
    cwd: '/',
  };
  const progress = startProgress(io, 'one', quiet);
  progress.step('two');
  progress.step('two');
  progress.clear();
  progress.done('three');
  return text();
}

test('progress is a line per step off a terminal, one line that is redrawn on it, and nothing for machines', () => {
  expect(shown(false, false)).toBe('one\ntwo\nthree\n');
  const redrawn = shown(true, false).split('\r\u001b[2K');
  expect(redrawn.map((line) => line.slice(2))).toEqual(['', 'one', 'two', 'two', 'three\n']);
  expect(shown(true, true)).toBe('');
});
