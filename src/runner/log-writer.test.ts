import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseLogLine } from './log-line.ts';
import { createLogWriter } from './log-writer.ts';

let directory: string;
let path: string;
let fd: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
  path = join(directory, 'app.log');
  fd = openSync(path, 'a', 0o600);
});
afterEach(() => {
  closeSync(fd);
  rmSync(directory, { recursive: true, force: true });
});

const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').map(parseLogLine);

it('writes one object a line, with time, origin and the generation that spoke', () => {
  const log = createLogWriter({ fd, path, generation: 3 });
  log('stdout', 'hello "world"\nnext');
  log('platform', 'stopping');
  expect(linesOf(path)).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      origin: 'stdout',
      line: 'hello "world"\nnext',
      generation: 3,
    },
    { time: expect.any(String), origin: 'platform', line: 'stopping', generation: 3 },
  ]);
});

it('moves a full log aside and goes on in the same descriptor; two files never hold more than twice the limit', () => {
  const limitBytes = 4096;
  const log = createLogWriter({ fd, path, generation: 1, limitBytes });
  for (let i = 0; i < 500; i++) log('stdout', `line ${i}`);
  const kept = [...linesOf(`${path}.1`), ...linesOf(path)];
  expect(kept.at(-1)?.line).toBe('line 499');
  for (const [index, line] of kept.entries()) {
    expect(line.line).toBe(`line ${500 - kept.length + index}`);
  }
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThan(2.2 * limitBytes);
});

it('keeps one print from filling the log', () => {
  createLogWriter({ fd, path, generation: 1 })('stdout', 'x'.repeat(1_000_000));
  expect(statSync(path).size).toBeLessThan(20_000);
});
