import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { expect, it } from 'vitest';
import { createLogBudget } from './log-budget.ts';
import { parseLogLine } from './log-line.ts';
import { logFiles } from './log-rotation.ts';
import { createLogWriter } from './log-writer.ts';
import { logFileForEachTest } from './testing/index.ts';

const file = logFileForEachTest();

const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').map(parseLogLine);

it('writes one object a line, with time, origin and the generation that spoke', () => {
  const log = createLogWriter({ ...file, generation: 3 });
  log('stdout', 'hello "world"\nnext');
  log('platform', 'stopping');
  expect(linesOf(file.path)).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      origin: 'stdout',
      line: 'hello "world"\nnext',
      generation: 3,
    },
    { time: expect.any(String), origin: 'platform', line: 'stopping', generation: 3 },
  ]);
});

it('keeps a fixed number of files, each no longer than the limit, and loses no line between them', () => {
  const limitBytes = 4096;
  const log = createLogWriter({ ...file, generation: 1, limitBytes });
  for (let i = 0; i < 1000; i++) log('stdout', `line ${i}`);
  const files = logFiles(file.path).toReversed();
  const kept = files.flatMap(linesOf);
  expect(kept.at(-1)?.line).toBe('line 999');
  for (const [index, line] of kept.entries()) {
    expect(line.line).toBe(`line ${1000 - kept.length + index}`);
  }
  for (const file of files) expect(statSync(file).size).toBeLessThan(1.1 * limitBytes);
  expect(existsSync(`${file.path}.${files.length}`)).toBe(false);
});

it('bounds a flood and says how many lines of it are missing; the platform still has its say', () => {
  let now = Date.parse('2026-11-21T10:00:00Z');
  const log = createLogWriter({ ...file, generation: 1, now: () => now });
  const line = 'x'.repeat(10_000);
  for (let i = 0; i < 10_000; i++) log('stdout', line); // 100 MB at once
  log('platform', 'still here');
  now += 1_000;
  log('stdout', 'later');
  const kept = logFiles(file.path)
    .toReversed()
    .filter((name) => existsSync(name))
    .flatMap(linesOf);
  const printed = kept.filter((each) => each.line === line).length;
  expect(printed).toBeGreaterThan(100);
  expect(printed * line.length).toBeLessThan(9 * 1024 * 1024);
  expect(kept.slice(-3).map((each) => each.line)).toEqual([
    'still here',
    expect.stringMatching(new RegExp(`^${10_000 - printed} lines were dropped \\(\\d+ bytes\\): `)),
    'later',
  ]);
});

it('tells what was dropped also when the app falls silent after its flood', async () => {
  const budget = createLogBudget({ burstBytes: 200, bytesPerSecond: 0 });
  const log = createLogWriter({ ...file, generation: 1, budget });
  for (let i = 0; i < 5; i++) log('stderr', 'x'.repeat(90));
  await expect
    .poll(() => linesOf(file.path).at(-1)?.line, { timeout: 5_000 })
    .toMatch(/^4 lines were dropped/);
});

it('survives a full disk, and says what was lost once there is room', () => {
  closeSync(file.fd);
  const full = openSync('/dev/full', 'a');
  const log = createLogWriter({ ...file, fd: full, generation: 1 });
  for (let i = 0; i < 3; i++) log('stdout', `lost ${i}`);
  closeSync(full);
  file.fd = openSync(file.path, 'a', 0o600); // the same number: room again
  expect(file.fd).toBe(full);
  log('stdout', 'kept');
  expect(linesOf(file.path).map((each) => each.line)).toEqual([
    expect.stringMatching(/^3 lines were lost: ENOSPC/),
    'kept',
  ]);
});

it('begins a line of its own behind one that a kill has torn', () => {
  appendFileSync(file.path, '{"time":"2026-11-21T10:00:00Z","origin":"std');
  createLogWriter({ ...file, generation: 2 })('stdout', 'whole');
  expect(linesOf(file.path).map((each) => each.line)).toEqual([expect.stringMatching(/^\{"time"/), 'whole']);
});

it('goes on with a rotation that was killed at any point', () => {
  for (const leave of [
    () => writeFileSync(`${file.path}.copy`, 'half a co'),
    () => writeFileSync(`${file.path}.1`, readFileSync(file.path)),
    () => {},
  ]) {
    for (const name of [file.path, `${file.path}.1`, `${file.path}.2`]) writeFileSync(name, '');
    const before = createLogWriter({ ...file, generation: 1 });
    for (let i = 0; i < 50; i++) before('stdout', `old ${i}`);
    leave();
    createLogWriter({ ...file, generation: 2, limitBytes: 1_000 })('stdout', 'new');
    const kept = [`${file.path}.2`, `${file.path}.1`, file.path]
      .flatMap(linesOf)
      .filter((each) => each.line !== '');
    expect(kept.map((each) => each.line)).toEqual([
      ...Array.from({ length: 50 }, (_, i) => `old ${i}`),
      'new',
    ]);
  }
});

it('keeps one print from filling the log', () => {
  createLogWriter({ ...file, generation: 1 })('stdout', 'x'.repeat(1_000_000));
  expect(statSync(file.path).size).toBeLessThan(20_000);
});
