import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startChild } from '../kit/index.ts';
import { createLogBudget, createLogWriter, type LogLine, logFiles } from '../runner/index.ts';
import { logFileForEachTest } from '../runner/testing/index.ts';
import { type LogFilter, matches, readLogQuery } from './log-filter.ts';
import { followLog } from './log-follow.ts';
import { tailLog } from './log-tail.ts';
import { until } from './test-support/until.ts';

const file = logFileForEachTest();

const endless = { burstBytes: 1e12, bytesPerSecond: 1e12 };
const writer = (options: { generation?: number; limitBytes?: number; now?: () => number } = {}) =>
  createLogWriter({ ...file, generation: 1, budget: createLogBudget(endless), ...options });
const ALL: LogFilter = { since: null, until: null, origins: [], text: '' };
const textsOf = (lines: readonly LogLine[]) => lines.map((line) => line.line);

describe('reading backwards', () => {
  it('gives the newest lines over all files, oldest first, whatever the sizes are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 400, unit: 'binary' }), { maxLength: 300 }),
        fc.nat(400),
        async (texts, count) => {
          for (const name of logFiles(file.path)) writeFileSync(name, '');
          const log = writer({ limitBytes: 20_000 });
          for (const text of texts) log('stdout', text);
          const { lines } = await tailLog(file.path, count);
          const all = (await tailLog(file.path, 10_000)).lines;
          expect(textsOf(all)).toEqual(texts.slice(texts.length - all.length));
          if (texts.length < 20) expect(all).toHaveLength(texts.length);
          expect(lines).toEqual(all.slice(Math.max(0, all.length - count)));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('finds by time, origin and text, and stops where the time begins', async () => {
    let at = Date.parse('2026-11-21T10:00:00Z');
    const log = writer({ now: () => at, limitBytes: 5_000 });
    for (let minute = 0; minute < 60; minute++) {
      log(minute % 2 === 0 ? 'stdout' : 'stderr', `Minute ${minute}`);
      at += 60_000;
    }
    const since = Date.parse('2026-11-21T10:20:00Z');
    const between = { ...ALL, since, until: since + 4 * 60_000 };
    expect(textsOf((await tailLog(file.path, 100, between)).lines)).toEqual([
      'Minute 20',
      'Minute 21',
      'Minute 22',
      'Minute 23',
    ]);
    const errors = { ...between, origins: ['stderr'] as const };
    expect(textsOf((await tailLog(file.path, 100, errors)).lines)).toEqual(['Minute 21', 'Minute 23']);
    const named = { ...ALL, text: 'minute 5' };
    expect(textsOf((await tailLog(file.path, 2, named)).lines)).toEqual(['Minute 58', 'Minute 59']);
  });

  it('shows the lines once after a rotation that was killed between its copy and the truncation', async () => {
    const log = writer();
    for (let i = 0; i < 20; i++) log('stdout', `line ${i}`);
    copyFileSync(file.path, `${file.path}.1`);
    log('stdout', 'after');
    expect((await tailLog(file.path, 100)).lines).toHaveLength(21);
    // and the next rotation finishes it
    const next = writer({ limitBytes: 100 });
    next('stdout', 'last');
    const { lines } = await tailLog(file.path, 100);
    expect(textsOf(lines).slice(-3)).toEqual(['line 19', 'after', 'last']);
    expect(lines).toHaveLength(22);
  });
});

it('has every whole line of a writer that is killed with -9 in the middle of rotating, in order and once', async () => {
  const program = `
    import { createLogWriter } from ${JSON.stringify(join(import.meta.dirname, '../runner/log-writer.ts'))};
    const budget = { take: () => true };
    const log = createLogWriter({ fd: 1, path: process.argv[1], generation: 1, limitBytes: 20_000, budget });
    for (let i = 0; ; i++) log('stdout', 'line ' + i);
  `;
  for (let round = 0; round < 3; round++) {
    const child = startChild(process.execPath, ['--input-type=module-typescript', '-e', program, file.path], {
      cwd: dirname(file.path),
      env: {},
      stdio: ['ignore', file.fd, 'ignore'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await expect.poll(() => existsSync(`${file.path}.2`), { timeout: 10_000 }).toBe(true);
    child.kill('SIGKILL');
    await ended;
    createLogWriter({ ...file, generation: 2, limitBytes: 100_000_000 })('platform', 'respawned');
    const lines = textsOf((await tailLog(file.path, 10_000)).lines);
    expect(lines.pop()).toBe('respawned');
    const first = Number(lines[0]?.split(' ')[1]);
    expect(lines.length).toBeGreaterThan(100);
    lines.forEach((line, index) => {
      if (index < lines.length - 1) expect(line).toBe(`line ${first + index}`); // the last one may be torn
    });
    for (const name of logFiles(file.path)) rmSync(name, { force: true });
    closeSync(file.fd);
    file.fd = openSync(file.path, 'a', 0o600);
  }
});

describe('following', () => {
  async function follow(from: Awaited<ReturnType<typeof tailLog>>['end']) {
    const stop = new AbortController();
    const seen: LogLine[] = [];
    const done = (async () => {
      for await (const line of followLog(file.path, from, stop.signal)) seen.push(line);
    })();
    return {
      seen,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await done;
      },
    };
  }

  it('goes on over rotations and from one runner to the next without losing or repeating a line', async () => {
    writer()('stdout', 'before');
    const { end } = await tailLog(file.path, 0);
    await using following = await follow(end);
    for (let generation = 1; generation <= 4; generation++) {
      const log = writer({ generation, limitBytes: 2_000 }); // rotates within a generation and between two
      for (let i = 0; i < 100; i++) log('stdout', `${generation}/${i}`);
      await until('the lines of a runner', () => following.seen.length >= generation * 100);
    }
    expect(following.seen.map(({ generation, line }) => `${line} by ${generation}`)).toEqual(
      [1, 2, 3, 4].flatMap((g) => Array.from({ length: 100 }, (_, i) => `${g}/${i} by ${g}`)),
    );
  });

  it('reads on in the file that was moved aside while a slow reader was in the middle of it', async () => {
    writer()('stdout', 'first');
    const begin = { head: Buffer.alloc(0), offset: 0 };
    const stop = new AbortController();
    const lines = followLog(file.path, begin, stop.signal);
    expect((await lines.next()).value?.line).toBe('first');
    const log = writer({ limitBytes: 3_000 });
    const written = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    for (const text of written) log('stdout', text);
    const got: string[] = [];
    while (got.length < written.length) got.push((await lines.next()).value?.line ?? '');
    expect(got).toEqual(written);
    stop.abort();
    await lines.next();
  });

  it('says so when lines were rotated away before it could read them', async () => {
    writer()('stdout', 'first');
    const { end } = await tailLog(file.path, 0);
    const log = writer({ limitBytes: 1_000 });
    for (let i = 0; i < 300; i++) log('stdout', `line ${i}`);
    await using following = await follow(end);
    await until('the last line', () => following.seen.at(-1)?.line === 'line 299');
    expect(following.seen[0]).toMatchObject({ origin: 'platform', line: expect.stringContaining('missing') });
  });

  it('waits for a log that is not there yet', async () => {
    rmSync(file.path);
    const { lines, end } = await tailLog(file.path, 10);
    expect(lines).toEqual([]);
    await using following = await follow(end);
    appendFileSync(
      file.path,
      `${JSON.stringify({ time: '', origin: 'stdout', line: 'at last', generation: 1 })}\n`,
    );
    await until('the line', () => following.seen.length === 1);
  });
});

describe('the query', () => {
  const read = (query: string) => readLogQuery(new URLSearchParams(query));

  it('reads filters, and `lines` as the older name of `tail`', () => {
    expect(read('')).toEqual({ ...ALL, tail: 200, follow: false, format: 'text' });
    const asked = read(
      'lines=5&follow=true&since=2026-11-21T14:00:00Z&origin=stdout,stderr&q=Bang&format=jsonl',
    );
    expect(asked).toEqual({
      since: Date.parse('2026-11-21T14:00:00Z'),
      until: null,
      origins: ['stdout', 'stderr'],
      text: 'bang',
      tail: 5,
      follow: true,
      format: 'jsonl',
    });
  });

  it.each([
    'tail=-1',
    'tail=10001',
    'tail=x',
    'lines=1e3',
    'follow=maybe',
    'since=yesterday',
    'since=2026-13-45',
    'until=5m',
    'since=2026-11-21T10:00',
    'origin=stdin',
    'origin=stdout,',
    'format=xml',
    'orgin=stdout',
    `q=${'x'.repeat(1001)}`,
    'since=2026-11-21&until=2026-11-20',
    'follow=1&until=2026-11-21',
  ])('refuses %s with what, why and what to do', (query) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        code: 'query_invalid',
        status: 400,
        what: expect.any(String),
        why: expect.stringMatching(/./),
        hint: expect.stringMatching(/./),
      }),
    );
  });

  it('keeps the last words of the engine, which have no time, whatever time is asked for', () => {
    const line: LogLine = { time: '', origin: 'platform', line: 'FATAL ERROR: heap', generation: null };
    expect(matches(line, { ...ALL, since: Date.now() })).toBe(true);
  });
});
