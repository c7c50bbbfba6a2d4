import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSink } from './line-sink.ts';

function linesOf(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const sink = new LineSink((line) => lines.push(line));
  for (const chunk of chunks) sink.write(chunk);
  sink.flush();
  return lines;
}

test('lines come out the same however the bytes were cut, also within a character', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(7)), (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => text.replaceAll(/[\r\n]/g, ' ')).join('\n'));
      const chunks: Uint8Array[] = [];
      let from = 0;
      for (const cut of cuts) {
        chunks.push(bytes.subarray(from, from + cut));
        from += cut;
      }
      chunks.push(bytes.subarray(from));
      expect(linesOf(chunks)).toEqual(linesOf([bytes]));
    }),
  );
});

test('CRLF ends a line too, and an unended line is kept until it is flushed', () => {
  expect(linesOf([Buffer.from('one\r\ntwo\nthr'), Buffer.from('ee')])).toEqual(['one', 'two', 'three']);
});

test('a line without an end is cut, so that it cannot fill the memory', () => {
  const lines = linesOf(Array.from({ length: 100 }, () => Buffer.alloc(1000, 'x')));
  expect(Math.max(...lines.map((line) => line.length))).toBe(8192);
  expect(lines.join('')).toHaveLength(100_000);
});
