import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { openCanary } from '../../egress/testing/index.ts';
import { openBox, probeBoxes } from '../../sandbox/index.ts';
import { buildComponentArtifact } from '../testing/component-artifact.ts';
import { openRequest, until } from '../testing/served-app.ts';
import { createWorker } from '../worker/create-worker.ts';
import { withoutBoxes } from '../worker/testing/worker-suite.ts';
import { textOf } from './probe.fixture.ts';
import { useBoxedProbe } from './testing/use-boxed-probe.ts';
import { wasmHttpRuntime } from './wasm-http-runtime.ts';

const MIB = 1 << 20;
const { start, home, inits } = useBoxedProbe();

describe.skipIf(withoutBoxes)('a component in a box', () => {
  test('what it writes and what the platform says of it come out with their origin', async () => {
    await using served = await start();
    await textOf(served, '/log');
    await textOf(served, '/trap');
    await until('all lines', () => served.logged.length >= 6);
    const of = (origin: string) => served.logged.filter((line) => line.startsWith(`${origin}: `));
    expect(of('stdout')).toEqual(['one', 'two', 'three', 'unended'].map((line) => `stdout: ${line}`));
    expect(of('stderr')).toEqual(['stderr: oops']);
    expect(of('platform')).toEqual([expect.stringMatching(/^platform: GET \/trap: The app broke down/)]);
  });

  test('what it writes is kept to a rate, which is told', async () => {
    await using served = await start();
    await textOf(served, '/flood');
    await until('the flood', () => served.logged.length >= 1_000);
    const isTold = () => served.logged.some((line) => line.includes('lines were dropped'));
    while (!isTold()) await textOf(served, '/log'); // the first line of another second brings it
    expect(served.logged.filter((line) => line === 'stdout: again and again').length).toBeLessThan(2_001);
  });

  test('every way it breaks down is told apart, and ends its own request only', async () => {
    await using served = await start();
    const expected = {
      '/trap': 'app_trapped',
      '/recursion': 'app_trapped',
      '/exit': 'app_exited',
      '/none': 'app_no_response',
      '/unfinished': 'response_incomplete',
      '/overwrite': 'app_trapped',
      '/grow-then-trap': 'memory_exhausted',
      '/loop': 'fuel_exhausted',
      '/nowhere': 'import_denied',
    };
    for (const [path, code] of Object.entries(expected)) {
      const answer = await fetch(served.url + path);
      const { code: told } = (await answer.json()) as { code: string };
      expect([path, answer.status, told]).toEqual([path, 500, code]);
      expect(await textOf(served, '/')).toMatch('requests');
    }
    const broken = await fetch(`${served.url}/trap-late`);
    await expect(broken.text()).rejects.toThrow();
    const counted = { trapped: 6, memory_exhausted: 1, fuel_exhausted: 1, restarts: 0 };
    await until('the figures', () => served.app.stats().trapped === counted.trapped);
    expect(served.app.stats()).toMatchObject(counted);
  });

  test('reaches nothing: its requests are denied, the canary hears nothing, the log has the line that will allow it', async () => {
    await using canary = await openCanary();
    await using served = await start();
    const denied = 'error 15\n'; // HTTP-request-denied, by the WIT
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await textOf(served, `/outgoing/${host}:${canary.port}`)).toBe(denied);
    }
    expect(await textOf(served, '/outgoing/no name:80')).toBe(denied);
    expect(await textOf(served, '/reach')).toBe('directories 0\nsocket refused\n');
    expect(canary.connections).toBe(0);
    const said = (part: string) => () => served.logged.some((line) => line.includes(part));
    await until('the grant', said(`http_allow_list = ["127.0.0.1:${canary.port}"]`));
    await until('the socket', said('a TCP socket denied'));
  });

  test('a slow reader slows it, and an upload that it does not read stays with its sender', async () => {
    await using served = await start({ fuelPerRequest: 10_000_000_000 });
    const before = process.memoryUsage().rss;
    const answer = await openRequest(served.port, `/bytes/${200 * MIB}`).answer;
    answer.pause();
    const upload = openRequest(served.port, '/forever', 'POST');
    const chunk = Buffer.alloc(MIB);
    for (let sent = 0; sent < 64; sent++) upload.write(chunk);
    await upload.answer;
    await textOf(served, '/sleep/300'); // time in which 200 MiB would have been written
    await until('both wait', () => served.app.stats().instances_busy === 2);
    expect(upload.unsent()).toBeGreaterThan(48 * MIB);
    expect(process.memoryUsage().rss - before).toBeLessThan(192 * MIB); // 64 of them are the upload
    upload.abort();
    let received = 0;
    for await (const part of answer) received += (part as Buffer).length;
    expect(received).toBe(200 * MIB);
  });

  test('notices that its visitor leaves; one that does not is ended, and nothing of it remains', async () => {
    await using served = await start();
    const listening = openRequest(served.port, '/events');
    await listening.answer;
    listening.abort();
    await until('it has noticed', () => served.logged.includes('stdout: listener gone'));
    const deaf = Array.from({ length: 5 }, () => openRequest(served.port, '/forever'));
    await Promise.all(deaf.map((request) => request.answer));
    await until('all at work', () => (served.app.stats().instances_busy ?? 0) >= 5);
    for (const request of deaf) request.abort();
    await until('all are given up', () => served.app.stats().instances_busy === 0);
    await until('and counted', () => served.app.stats().clients_gone === 6);
    expect(await textOf(served, '/')).toMatch('requests');
  });

  test('gets a small body together with its head: it need not wait for it, and no further instance is made meanwhile', async () => {
    await using served = await start();
    const post = async () => (await fetch(`${served.url}/echo`, { method: 'POST', body: 'x' })).text();
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(Array.from({ length: 16 }, post));
      expect(new Set(answers)).toEqual(new Set(['x']));
    }
    await served.app.health(AbortSignal.timeout(5_000)); // brings the figures
    expect(served.app.stats().instances_created).toBeLessThan(8); // of 16 that there may be
  });

  test('takes heads that the front lets in, and is asked in HTTP where a visitor asks for a WebSocket', async () => {
    await using served = await start();
    const answer = await fetch(served.url, {
      headers: { cookie: 'x'.repeat(12_000), 'x-more': 'y'.repeat(2_000) },
    });
    expect(answer.status).toBe(200);
    expect(served.app.upgrade).toBeUndefined();
  });

  test('a box that is killed is replaced: who waits hears why, the next is served, no count falls', async () => {
    await using served = await start();
    await textOf(served, '/bytes/1000000');
    await until('its fuel', () => (served.app.stats().fuel_used ?? 0) > 0);
    const before = served.app.stats();
    const waiting = fetch(`${served.url}/sleep/60000`);
    await until('it waits', () => served.app.stats().in_flight === 1);
    for (const pid of inits()) process.kill(pid, 'SIGKILL');
    const answer = await waiting;
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ code: 'app_exited' });
    expect(await textOf(served, '/')).toBe('requests 1\n');
    await until('its figures', () => served.app.stats().instances === 1);
    const after = served.app.stats();
    expect(after).toMatchObject({ restarts: 1, requests: (before.requests ?? 0) + 2 });
    for (const name of ['fuel_used', 'instances_created', 'cpu_ms'] as const)
      expect(after[name], name).toBeGreaterThanOrEqual(before[name] ?? Number.NaN);
    expect(served.logged).toContainEqual(expect.stringMatching(/^platform: its sandbox is gone: .*SIGKILL/));
    expect(await served.app.health(AbortSignal.timeout(5_000))).toEqual({ ok: true, reason: null });
  });

  test('one that has more memory than its box may have is ended by name, and serves on', async () => {
    const report = await probeBoxes(home().place);
    if (!report.possible || report.limits.memory !== 'enforced') return;
    await using artifact = await greedyArtifact();
    const memoryBytes = 110 * MIB;
    const served = await start({ artifactDir: artifact.dir, memoryMb: 256, fuelPerRequest: 1e12 }, (spec) =>
      openBox({ ...spec, bounds: { ...spec.bounds, memoryBytes } }),
    );
    const answer = await fetch(served.url);
    expect([answer.status, await answer.json()]).toMatchObject([
      500,
      { code: 'memory_exhausted', hint: expect.stringContaining('runtime.memory_mb = 512') },
    ]);
    await until('another', () => served.app.stats().restarts === 1);
    expect(served.app.stats()).toMatchObject({ memory_exhausted: 1 });
    await served[Symbol.asyncDispose]();
  });

  test('with isolation "request" no request sees what another has left', async () => {
    await using served = await start({ isolation: 'request' });
    expect([await textOf(served, '/'), await textOf(served, '/')]).toEqual(['requests 1\n', 'requests 1\n']);
  });

  test('takes the box that was readied for a module', async () => {
    const prepared = await createWorker({ openBox }).prepare(home().place);
    await (prepared as unknown as { waiting: Promise<unknown> }).waiting;
    const waiting = inits();
    expect(waiting).toHaveLength(1);
    await using served = await start({ prepared });
    expect(await textOf(served, '/')).toBe('requests 1\n');
    expect(inits()).toEqual(waiting);
  });
});

describe('where there is no box', () => {
  const nowhere = () => Promise.reject(new Error('no box can be made'));

  test.each(['wasm', null] as const)('an app that was promised one (%s) does not start', async (wall) => {
    const refused = start({ wall }, nowhere);
    await expect(refused).rejects.toMatchObject({ code: 'start_failed', why: 'no box can be made' });
  });

  test('one that was not runs without, and gives up the box that waited', async () => {
    let isGivenUp = false;
    const prepared = {
      async dispose() {
        isGivenUp = true;
      },
    };
    const spec = { prepared, wall: 'wasm-bare' } as const;
    const folder = await mkdtemp(join(tmpdir(), 'no-artifact-'));
    const started = wasmHttpRuntime.start({ ...spec, artifactDir: folder } as never);
    await expect(started).rejects.toMatchObject({ code: 'artifact_invalid' });
    expect(isGivenUp).toBe(true);
    await rm(folder, { recursive: true });
  });
});

/** A component that takes 200 MiB for each request. */
async function greedyArtifact() {
  const component = await parse(`(component
    (import "wasi:http/types@0.2.10" (instance $types
      (export "incoming-request" (type $request (sub resource)))
      (export "response-outparam" (type $out (sub resource)))))
    (alias export $types "incoming-request" (type $request))
    (alias export $types "response-outparam" (type $out))
    (core module $program
      (memory 1)
      (func (export "handle") (param i32 i32)
        (drop (memory.grow (i32.const 3200)))
        (memory.fill (i32.const 0) (i32.const 7) (i32.const 209715200))))
    (core instance $program (instantiate $program))
    (func $handle (param "request" (own $request)) (param "out" (own $out))
      (canon lift (core func $program "handle")))
    (instance $handler (export "handle" (func $handle)))
    (export "wasi:http/incoming-handler@0.2.10" (instance $handler)))`);
  const folder = await mkdtemp(join(tmpdir(), 'greedy-'));
  const file = join(folder, 'app.wasm');
  await writeFile(file, component);
  const artifact = await buildComponentArtifact(file, 256);
  await rm(folder, { recursive: true });
  return artifact;
}
