import { describe, expect, test } from 'vitest';
import { probeBoxes } from '../../sandbox/index.ts';
import { openRequest, until } from '../testing/served-app.ts';
import { useWorkers, withoutBoxes } from './testing/worker-suite.ts';

const ask = async (url: string, path: string) => {
  const answer = await fetch(url + path);
  return { status: answer.status, text: await answer.text() };
};
const hello = { status: 200, text: 'hello' };

describe.skipIf(withoutBoxes)('memory', () => {
  const { start, home } = useWorkers({ turnMs: 60_000, minuteMs: 600_000 });

  test('an app can use what its manifest says, as heap and as buffers', async () => {
    await using served = await start({ memoryMb: 128 });
    expect(await ask(served.url, '/hold/128')).toMatchObject({ status: 200 });
    await using other = await start({ memoryMb: 128 });
    expect(await ask(other.url, '/heap/110')).toMatchObject({ status: 200 });
    expect([served.app.stats().restarts, other.app.stats().restarts]).toEqual([0, 0]);
  });

  test('V8’s own end names the bound, to all requests under way, and the app serves on', async () => {
    await using served = await start();
    const other = ask(served.url, '/sleep/60000');
    const named = { status: 500, text: expect.stringContaining('runtime.memory_mb = 128') };
    expect(await ask(served.url, '/heap')).toMatchObject(named);
    expect(await other).toMatchObject(named);
    expect(await ask(served.url, '/')).toEqual(hello);
    expect(served.app.stats()).toMatchObject({ memory_exhausted: 1, restarts: 1, instances: 1 });
    expect(served.logged.join('\n')).toContain('heap out of memory');
  });

  test('so does the kernel’s, where it holds boxes to their memory', async () => {
    const report = await probeBoxes(home().place);
    if (!report.possible || report.limits.memory !== 'enforced') return;
    await using served = await start();
    expect(await ask(served.url, '/hold/1000')).toMatchObject({
      status: 500,
      text: expect.stringContaining('runtime.memory_mb = 128'),
    });
    expect(await ask(served.url, '/')).toEqual(hello);
    expect(served.logged).toContainEqual(
      expect.stringMatching(/^platform: .*64 MiB.*runtime\.memory_mb = 128$/),
    );
  });
});

describe.skipIf(withoutBoxes)('CPU', () => {
  const turnMs = 300;
  const { start } = useWorkers({ turnMs, minuteMs: 600_000 });

  test('a handler that never ends is ended within a fifth above its bound, and a neighbour serves meanwhile', async () => {
    await using spinning = await start();
    await using neighbour = await start();
    await ask(spinning.url, '/');
    const before = spinning.app.stats().cpu_ms ?? 0;
    const end = ask(spinning.url, '/spin');
    expect(await ask(neighbour.url, '/')).toEqual(hello);
    const answer = await end;
    expect(answer).toMatchObject({ status: 500, text: expect.stringContaining(`${turnMs} ms of CPU`) });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'cpu_exhausted' });
    await until('its figures', () => spinning.app.stats().cpu_exhausted === 1);
    expect((spinning.app.stats().cpu_ms ?? 0) - before).toBeGreaterThanOrEqual(turnMs);
    expect(await ask(spinning.url, '/')).toEqual(hello);
    expect(neighbour.app.stats().restarts).toBe(0);
  });

  test('so is one that spins when nobody asks it anything', async () => {
    await using served = await start();
    await ask(served.url, '/spin-later');
    await until('another cell', () => served.app.stats().restarts === 1, 20_000);
    expect(await ask(served.url, '/')).toEqual(hello);
  });

  test('requests that wait meanwhile are answered by the next, if the first has not seen them', async () => {
    await using served = await start();
    const spin = ask(served.url, '/spin');
    await until('it to spin', () => (served.app.stats().in_flight ?? 0) === 1);
    const later = await Promise.all([spin, ...Array.from({ length: 10 }, () => ask(served.url, '/'))]);
    for (const { status } of later.slice(1)) expect(status).toBeOneOf([200, 500]);
    expect(await Promise.all(Array.from({ length: 10 }, () => ask(served.url, '/')))).toEqual(
      new Array(10).fill(hello),
    );
  });

  test('an app that works for long and turns is not ended', async () => {
    await using served = await start();
    expect(await ask(served.url, `/busy/${3 * turnMs}`)).toMatchObject({ status: 200 });
    expect(served.app.stats().restarts).toBe(0);
  });

  test('a stream that has begun is broken off, so that nobody takes it for whole', async () => {
    await using served = await start();
    const stream = await openRequest(served.port, '/events').answer;
    const end = expect(stream.toArray()).rejects.toThrow();
    await ask(served.url, '/spin');
    await end;
    expect(served.app.stats().clients_gone).toBe(0);
    const leaving = openRequest(served.port, '/events');
    await leaving.answer;
    leaving.abort();
    await until('it to be noticed', () => served.app.stats().clients_gone === 1);
  });

  test('an app that goes past its bounds again and again is given up, and says so', async () => {
    await using served = await start();
    let told: unknown;
    void served.app.exited.then((exit) => {
      told = exit;
    });
    for (let round = 0; round < 6; round++)
      expect(await ask(served.url, '/spin')).toMatchObject({ status: 500 });
    await until('its end', () => told !== undefined);
    expect(told).toMatchObject({ code: null, reason: expect.stringMatching(/6 times within a minute.*CPU/) });
    expect(await ask(served.url, '/')).toMatchObject({ status: 500 });
    expect(served.app.stats()).toMatchObject({ restarts: 5, cpu_exhausted: 6, instances: 0 });
  });
});

describe.skipIf(withoutBoxes)('CPU of a minute', () => {
  const { start } = useWorkers({ turnMs: 60_000, minuteMs: 400 });

  test('an app that uses more than its share is ended, whoever asks for it, and serves on', async () => {
    await using served = await start();
    const answer = await ask(served.url, '/busy/20000');
    expect(answer).toMatchObject({ status: 500, text: expect.stringContaining('within a minute') });
    expect(await ask(served.url, '/')).toEqual(hello);
    expect(served.app.stats()).toMatchObject({ cpu_exhausted: 1, restarts: 1 });
  });
});

describe.skipIf(withoutBoxes)('its own end', () => {
  const { start } = useWorkers();

  test('is told with what was last said, and requests under way hear of it', async () => {
    await using served = await start();
    const waiting = ask(served.url, '/sleep/60000');
    await ask(served.url, '/throw-later');
    expect(await served.app.exited).toMatchObject({
      code: 1,
      reason: expect.stringMatching(/code 1.*thrown on purpose/),
    });
    expect(await waiting).toMatchObject({ status: 500, text: expect.stringContaining('app_exited') });
    expect(served.logged.join('\n')).toMatch(/at .*app\.ts:\d+:\d+/);
  });
});
