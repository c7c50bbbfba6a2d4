import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inSource, withSourcePlaces } from './stack-places.ts';

const placeOf = (line: number, column: number): string | null => {
  if (line === 9) return 'tabbify:handler.ts:1:2';
  return line > 100 ? null : `src/a.ts:${line + 1}:${column}`;
};

test.each([
  ['nested@app.js:34:9', '    at nested (src/a.ts:35:9)'],
  ['async*fetch@app.js:18:5', '    at async fetch (src/a.ts:19:5)'],
  ['@app.js:3:1', '    at src/a.ts:4:1'],
  ['setTimeout handler*fetch@app.js:18:5', '    at fetch (src/a.ts:19:5)'],
  ['Foo.prototype.bar/<@app.js:18:5', '    at Foo.prototype.bar/< (src/a.ts:19:5)'],
  ['{"stack":"a@app.js:1:2\\nb@app.js:3:4"}', '{"stack":"a@src/a.ts:2:2\\nb@src/a.ts:4:4"}'],
  ['handle@app.js:9:68', null],
  ['run@/somewhere/sources/initializer.js:6628:15', null],
  ['unknown@app.js:999:1', 'unknown@app.js:999:1'],
  ['see app.js:3:1', 'see app.js:3:1'],
  ['me@example.org', 'me@example.org'],
])('%s becomes %s', (line, expected) => {
  expect(inSource(line, placeOf)).toBe(expected);
});

test('a map that is none leaves lines as they are, and lines of the platform are never changed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stack-places-'));
  try {
    await writeFile(join(folder, 'map'), 'no JSON');
    const lines: string[] = [];
    for (const path of [join(folder, 'map'), join(folder, 'missing'), null]) {
      const write = withSourcePlaces((origin, line) => lines.push(`${origin} ${line}`), path);
      write('stderr', 'a@app.js:1:2');
      write('platform', 'x@/y/initializer.js:1:1');
    }
    expect(new Set(lines)).toEqual(new Set(['stderr a@app.js:1:2', 'platform x@/y/initializer.js:1:1']));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
