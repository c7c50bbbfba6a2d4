import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Cell } from '../boxed/cell.ts';
import { openRequest, until } from '../testing/served-app.ts';
import { useWorkers, withoutBoxes } from './testing/worker-suite.ts';

const { start, runtime, home } = useWorkers();

/** Sockets and records of boxes. */
const left = async () => [
  ...(await readdir(home().place.sockets)),
  ...(await readdir(join(home().place.home, 'boxes'))).filter((name) => name.endsWith('.json')),
];

describe.skipIf(withoutBoxes)('a start', () => {
  test('of an app that throws says what and where, in its source, and leaves nothing behind', async () => {
    const source = `const unused: number = 1;\n\nexport function broken(): never {\n  throw new TypeError('on purpose');\n}\nbroken();`;
    await expect(start({}, source)).rejects.toMatchObject({
      code: 'start_failed',
      why: expect.stringMatching(/^TypeError: on purpose at .*app\.ts:4:\d+/),
    });
    expect(await left()).toEqual([]);
  });

  test.each([
    ['nothing that serves', 'export const x = 1;', /exports nothing that takes requests/],
    ['an end', 'process.exit(7);', /code 7/],
    ['an await that never ends', 'await new Promise(() => {}); export default () => {};', /never ends/],
  ])('of an app that is %s says so', async (_, source, why) => {
    await expect(start({}, source)).rejects.toMatchObject({
      code: 'start_failed',
      why: expect.stringMatching(why),
    });
    expect(await left()).toEqual([]);
  });

  test.each([
    ['none', null],
    ['no JSON', 'x'],
    ['null', 'null'],
    ['of a component', JSON.stringify({ format: 1, kind: 'wasm-http', main: 'app.mjs', map: 'app.mjs.map' })],
    ['of a later format', JSON.stringify({ format: 2, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' })],
    [
      'with a module elsewhere',
      JSON.stringify({ format: 1, kind: 'module', main: '../x.mjs', map: 'app.mjs.map' }),
    ],
    [
      'without its module',
      JSON.stringify({ format: 1, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' }),
    ],
  ])('of an artifact whose record is %s is refused', async (name, record) => {
    const artifactDir = join(home().folder, `wrong ${name}`);
    await mkdir(artifactDir);
    if (record !== null) await writeFile(join(artifactDir, 'artifact.json'), record);
    await expect(start({ artifactDir })).rejects.toMatchObject({ code: 'artifact_invalid' });
  });

  test('hands secrets over as a message: neither arguments nor environment of any process have them', async () => {
    const secret = 'canary-5f2c';
    await using served = await start({ env: { SECRET: secret } });
    expect(await (await fetch(`${served.url}/process-env`)).json()).toEqual({ SECRET: secret });
    const { readFileSync, readdirSync } = await import('node:fs');
    for (const pid of readdirSync('/proc').filter(
      (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
    )) {
      for (const file of ['cmdline', 'environ']) {
        let seen = '';
        try {
          seen = readFileSync(`/proc/${pid}/${file}`, 'latin1');
        } catch {
          // it has gone, or is somebody else's
        }
        expect(seen.includes(secret), `${file} of ${pid}`).toBe(false);
      }
    }
  });
});

describe.skipIf(withoutBoxes)('a prepared box', () => {
  test('becomes the app’s when its size is that of the app', async () => {
    const prepared = await runtime.prepare(home().place);
    const [record] = await left();
    await using served = await start({ prepared, memoryMb: 256, env: { GREETING: 'hi' } });
    expect(await (await fetch(`${served.url}/env`)).text()).toBe('GREETING=hi\n');
    expect(await left()).toContain(record);
    expect((await left()).filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  test('of another size is given up, and so is one that has died', async () => {
    await using small = await start({ prepared: await runtime.prepare(home().place), memoryMb: 64 });
    expect((await fetch(small.url)).status).toBe(200);
    const dead = await runtime.prepare(home().place);
    const cell = await (dead as unknown as { waiting: Promise<Cell> }).waiting;
    await cell.end({ kind: 'told' });
    await using served = await start({ prepared: dead, memoryMb: 256 });
    expect((await fetch(served.url)).status).toBe(200);
    expect((await left()).filter((name) => name.endsWith('.json'))).toHaveLength(2);
  });

  test('that dies at the last moment before it has the app is replaced by a new one', async () => {
    const prepared = await runtime.prepare(home().place);
    const cell = await (prepared as unknown as { waiting: Promise<Cell> }).waiting;
    const file = (await left()).find((name) => name.endsWith('.json')) ?? '';
    const { init } = JSON.parse(await readFile(join(home().place.home, 'boxes', file), 'utf8'));
    cell.bound = async () => void process.kill(init.pid, 'SIGKILL');
    await using served = await start({ prepared, memoryMb: 256 });
    expect((await fetch(served.url)).status).toBe(200);
    expect(cell.hasTaken).toBe(false);
  });

  test('is used up by a start that fails, and given up on demand', async () => {
    const prepared = await runtime.prepare(home().place);
    await expect(start({ prepared, artifactDir: '/missing' })).rejects.toMatchObject({
      code: 'artifact_invalid',
    });
    expect(await left()).toEqual([]);
    const other = await runtime.prepare(home().place);
    expect(await left()).not.toEqual([]);
    await other.dispose();
    await other.dispose();
    expect(await left()).toEqual([]);
  });
});

describe.skipIf(withoutBoxes)('a stop', () => {
  const LISTENS_TO_SIGTERM = `
    import { createServer } from 'node:http';
    const server = createServer((request, response) => response.end('served'));
    process.on('SIGTERM', () => {
      console.log('cleaning up');
      server.close(() => process.exit(0));
    });
    server.listen(3000);
  `;

  test('lets the app come to its own end', async () => {
    const served = await start({}, LISTENS_TO_SIGTERM);
    let isTold = false;
    void served.app.exited.then(() => {
      isTold = true;
    });
    expect(await (await fetch(served.url)).text()).toBe('served');
    await served.app.stop(10_000);
    served.closeServer();
    expect(served.logged).toContain('stdout: cleaning up');
    expect(isTold).toBe(false);
    expect(await left()).toEqual([]);
  });

  test('ends an app that spins, at once when there is no grace', async () => {
    const served = await start();
    const spin = fetch(`${served.url}/spin`).then((answer) => answer.status);
    await until('it to spin', () => served.app.stats().in_flight === 1);
    await served.app.stop(0);
    expect(await spin).toBe(503);
    served.closeServer();
    expect(await left()).toEqual([]);
  });

  test('breaks off a body that is still coming, once its grace is over', async () => {
    const served = await start();
    const request = openRequest(served.port, '/echo', 'POST');
    request.write('begun');
    const answer = await request.answer;
    const end = expect(text(answer)).rejects.toThrow();
    await served.app.stop(100);
    await end;
    served.closeServer();
  });
});
