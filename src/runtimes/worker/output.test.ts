import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readOutput } from '../boxed/output.ts';
import { until } from '../testing/served-app.ts';
import { useWorkers, withoutBoxes } from './testing/worker-suite.ts';

test('a stream that says too much is read on in the next second, and nothing is lost', async () => {
  const stdout = new PassThrough({ highWaterMark: 1 << 20 });
  let lines = 0;
  const began = performance.now();
  const output = readOutput(stdout, null, () => lines++);
  const line = Buffer.alloc(1024, 'x').fill('\n', 1023);
  const wanted = 10 << 10; // 10 MiB
  const writing = (async () => {
    for (let n = 0; n < wanted; n++)
      if (!stdout.write(line)) await new Promise((done) => stdout.once('drain', done));
    stdout.end();
  })();
  await writing;
  await output.ended(20_000);
  expect(lines).toBe(wanted);
  expect(performance.now() - began).toBeGreaterThan(1_500); // 4 MiB a second, the first at once
});

test('the last lines to the standard error are kept, and no more of them', async () => {
  const stderr = new PassThrough();
  const output = readOutput(null, stderr, () => {});
  for (let n = 0; n < 1_000; n++) stderr.write(`line ${n}\n`);
  stderr.end('the last');
  await output.ended(5_000);
  expect(output.lastErrors.at(-1)).toBe('the last');
  expect(output.lastErrors).toHaveLength(40);
});

describe.skipIf(withoutBoxes)('an app’s log', () => {
  const { start } = useWorkers();

  test('names places in the source', async () => {
    await using served = await start();
    await fetch(`${served.url}/log-stack`);
    await until('the stack', () => served.logged.some((line) => line.includes('    at ')));
    expect(served.logged[0]).toBe('stderr: Error: logged on purpose');
    expect(served.logged[1]).toMatch(/^stderr: {5}at .*app\.ts:\d+:\d+\)?$/);
  });

  test('takes a bomb without filling memory, says what it leaves out, and the app serves on', async () => {
    await using served = await start();
    const before = process.memoryUsage().rss;
    const answer = await fetch(`${served.url}/log-bomb/20000`); // 20 MB
    expect(answer.status).toBe(200);
    expect((await fetch(served.url)).status).toBe(200);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
    expect(served.logged.length).toBeLessThan(20_000);
  });

  test('the stack of what a handler throws has the app in it, and nothing of what called it', async () => {
    await using served = await start(
      {},
      `export default { fetch() { return inner(); } };
      function inner(): never { throw new RangeError('far'); }`,
    );
    expect((await fetch(served.url)).status).toBe(500);
    await until('the stack', () => served.logged.some((line) => line.includes('fetch')));
    expect(served.logged.filter((line) => line.startsWith('stderr: '))).toEqual([
      'stderr: RangeError: far',
      expect.stringMatching(/^stderr: {5}at \w+ \(app\.ts:2:/),
      expect.stringMatching(/^stderr: {5}at Object\.fetch \(app\.ts:1:/),
    ]);
  });
});
