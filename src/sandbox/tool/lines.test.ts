import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { takeLines } from './lines.ts';

async function taken(
  chunks: readonly string[],
  maxLine?: number,
): Promise<{ lines: string[]; tooLong: number }> {
  const lines: string[] = [];
  let tooLong = 0;
  await takeLines(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    (line) => lines.push(line),
    () => {
      tooLong += 1;
    },
    maxLine,
  );
  return { lines, tooLong };
}

it('lines are the same however they come, and one without an end is none', async () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(word), async (chunks) => {
      const { lines, tooLong } = await taken(chunks);
      expect(lines).toEqual(chunks.join('').split('\n').slice(0, -1));
      expect(tooLong).toBe(0);
    }),
  );
});

it('a line that is too long is told once, and nothing is taken from then on', async () => {
  expect(await taken(['ab\n', 'abc', 'de', '\nx\n'], 4)).toEqual({ lines: ['ab'], tooLong: 1 });
  expect(await taken(['ab\nabcde\nx\n'], 4)).toEqual({ lines: [], tooLong: 1 });
});

it('a stream that is cut off ends the lines', async () => {
  const input = new Readable({ read() {} });
  const lines: string[] = [];
  const read = takeLines(
    input,
    (line) => {
      lines.push(line);
      input.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    },
    () => {},
  );
  input.push('one\ntw');
  await read;
  expect(lines).toEqual(['one']);
});
