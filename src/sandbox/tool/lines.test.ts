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
  const take = {
    line: (line: string) => void lines.push(line),
    tooLong: () => {
      tooLong += 1;
    },
  };
  await takeLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), take, maxLine);
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

it('bytes that follow a line come as they are, however they are cut, and lines go on behind them', async () => {
  const said = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{0,5}$/), fc.uint8Array({ maxLength: 12 })));
  await fc.assert(
    fc.asyncProperty(said, fc.array(fc.integer({ min: 1, max: 9 })), async (messages, cuts) => {
      const all = Buffer.concat(
        messages.flatMap(([word, bytes]) => [Buffer.from(`${word} ${bytes.length}\n`), bytes]),
      );
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of [...cuts, all.length]) {
        if (at < all.length) chunks.push(all.subarray(at, at + cut));
        at += cut;
      }
      const heard: [string, number[]][] = [];
      await takeLines(Readable.from(chunks), {
        line(line, follow) {
          const [word = '', size] = line.split(' ');
          heard.push([word, []]);
          follow(Number(size));
        },
        bytes: (bytes) => heard.at(-1)?.[1].push(...bytes),
        tooLong: () => expect.unreachable(),
      });
      expect(heard).toEqual(messages.map(([word, bytes]) => [word, [...bytes]]));
    }),
  );
});

it('a line that is too long is told once, and nothing is taken from then on', async () => {
  expect(await taken(['ab\n', 'abc', 'de', '\nx\n'], 4)).toEqual({ lines: ['ab'], tooLong: 1 });
  expect(await taken(['ab\nabcde\nx\n'], 4)).toEqual({ lines: ['ab'], tooLong: 1 });
});

it('a stream that is cut off ends the lines', async () => {
  const input = new Readable({ read() {} });
  const lines: string[] = [];
  const read = takeLines(input, {
    line(line) {
      lines.push(line);
      input.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    },
    tooLong() {},
  });
  input.push('one\ntw');
  await read;
  expect(lines).toEqual(['one']);
});
