import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { lendPrepared } from '../../src/builder/testing/index.ts';
import { openCanary } from '../../src/egress/testing/index.ts';
import { isAlive } from '../../src/kit/index.ts';
import { until } from '../drill/until.ts';
import { type Started, start } from './process.ts';

let folder: string;
/** The engine of `wasm-http`, which takes half a minute to make, goes from home to home. */
let engines: string;
const enginesOf = (home: string) => join(home, 'dev/cache/builds/engines');
beforeAll(async () => {
  engines = await mkdtemp(join(tmpdir(), 'tcli-dev-engines-'));
});
afterAll(() => rm(engines, { recursive: true, force: true }));
const started: Started[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tcli-dev-'));
  await mkdir(join(folder, 'app/src'), { recursive: true });
  await mkdir(dirname(enginesOf(join(folder, 'home'))), { recursive: true, mode: 0o700 });
  await lendPrepared(join(folder, 'home/dev'));
  await rename(join(engines, 'made'), enginesOf(join(folder, 'home'))).catch(() => {}); // none yet
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.end('SIGKILL')));
  await rename(enginesOf(join(folder, 'home')), join(engines, 'made')).catch(() => {}); // none was made
  await rm(folder, { recursive: true, force: true });
});

const MANIFEST = `[app]
name = "written"
[build]
main = "src/index.ts"
[env]
GREETING = "hello"
`;
const save = (name: string, text: string) => writeFile(join(folder, 'app', name), text);

/** An app that says a word, and on /out what it gets from elsewhere. */
function source(word: string, elsewhere = 'http://127.0.0.1:9/'): string {
  return `export default {
  async fetch(request: Request, env: Record<string, string>): Promise<Response> {
    if (!request.url.endsWith('/out')) return new Response(\`${word} \${env.GREETING}\`);
    console.log('asked for', request.headers.get('x-forwarded-proto'));
    return fetch('${elsewhere}').then(() => new Response('reached'), () => new Response('denied'));
  },
};
`;
}

/** Runs `tcli dev` as a person does, until the app serves. */
async function develop(
  ...options: readonly string[]
): Promise<{ process: Started; url: string; ask: (path: string) => Promise<string> }> {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, TABBIFY_HOME: join(folder, 'home') };
  const dev = start('bin/tcli.mjs', ['dev', join(folder, 'app'), '--port', '0', '--json', ...options], env);
  started.push(dev);
  await dev.printed(/"event":"serving"/, 300_000); // the first one as wasm-http makes the engine
  const url = /"url":"([^"]+)"/.exec(dev.output())?.[1] ?? '';
  return { process: dev, url, ask: async (path) => (await fetch(url + path)).text() };
}

/** Records of its boxes: the first process of each. */
async function boxes(): Promise<{ pid: number; start_time: number | null }[]> {
  const names = await readdir(join(folder, 'home/dev/boxes'));
  const records = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readFile(join(folder, 'home/dev/boxes', name), 'utf8').catch(() => '{}')),
  );
  return records.flatMap(
    (text) => (JSON.parse(text) as { init?: { pid: number; start_time: number } }).init ?? [],
  );
}

it('serves what was saved last, through a broken save and a denied call, and leaves nothing', async () => {
  await using canary = await openCanary();
  await save('tabbify.toml', MANIFEST);
  await save('src/index.ts', source('one'));
  const { process: dev, url, ask } = await develop();
  expect(await ask('')).toBe('one hello');

  await save('src/index.ts', source('two', `http://127.0.0.1:${canary.port}/`));
  await until('the new answer', async () => (await ask('')) === 'two hello');

  await save('src/index.ts', `${source('three')}const 1 = broken;\n`);
  const failed = await dev.printed(/^.*"event":"failed".*broken.*$/m);
  expect(JSON.parse(failed[0])).toMatchObject({
    serving: true,
    error: {
      code: 'build_failed',
      file: 'src/index.ts',
      line: 8,
      why: expect.stringContaining('const 1 = broken'),
    },
  });
  expect(await ask('')).toBe('two hello');

  expect(await ask('out')).toBe('denied');
  expect(canary.connections).toBe(0);
  await dev.printed(/"origin":"stdout","line":"asked for http"/);
  await dev.printed(new RegExp(`http_allow_list = \\[\\\\"127\\.0\\.0\\.1:${canary.port}\\\\"\\]`));

  await save('tabbify.toml', MANIFEST.replace('hello', 'moin'));
  await save('src/index.ts', source('four'));
  await until('the mended app', async () => (await ask('')) === 'four moin');

  const inBoxes = await boxes();
  expect(inBoxes.length).toBeGreaterThan(0);
  expect(await dev.end('SIGINT')).toBe(0);
  expect(await boxes()).toEqual([]);
  expect(inBoxes.filter(isAlive)).toEqual([]);
  expect(await readdir(join(folder, 'home/dev/run'))).toEqual([]);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

it('takes its boxes along when it is killed, and the next one removes what was left', async () => {
  await save('tabbify.toml', MANIFEST);
  await save('src/index.ts', source('one'));
  const killed = (await develop()).process;
  const left = await boxes();
  expect(left.length).toBeGreaterThan(0);
  await killed.end('SIGKILL');
  await until('its boxes have ended', async () => left.every((each) => !isAlive(each)));
  const { process: next } = await develop();
  expect(await next.end('SIGTERM')).toBe(0);
  expect(await boxes()).toEqual([]);
  expect(await readdir(join(folder, 'home/dev/run'))).toEqual([]);
});

/** Asks the URL behind `/ask/`. */
const ASKING = `let asked = 0;
export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/ask/')) return new Response('up');
    asked += 1;
    const url = decodeURIComponent(pathname.slice('/ask/'.length));
    return fetch(url).then(async (answer) => new Response(\`\${asked} \${await answer.text()}\`), () => new Response('denied'));
  },
};
`;

it.each(['worker', 'wasm-http'])(
  'as %s calls what its manifest lists from the moment of its save on, without a new start, and nothing else',
  async (runtime) => {
    await using canary = await openCanary();
    const granted = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    await once(granted, 'listening');
    const place = `127.0.0.1:${(granted.address() as AddressInfo).port}`;
    const listing = (...entries: readonly string[]) =>
      save('tabbify.toml', `${MANIFEST}[capabilities]\nhttp_allow_list = ${JSON.stringify(entries)}\n`);
    await listing();
    await save('src/index.ts', ASKING);
    const { process: dev, ask } = await develop('--runtime', runtime);
    const call = (url: string) => ask(`ask/${encodeURIComponent(url)}`);
    try {
      expect(await call(`http://${place}/`)).toBe('denied');
      await listing(place, 'app:shop');
      await until('the call is let through', async () =>
        /^\d+ reached$/.test(await call(`http://${place}/`)),
      );
      await dev.printed(new RegExp(`"event":"grant","hosts":\\["${place}"\\],"apps":\\["app:shop"\\]`));
      expect(await call(`http://127.0.0.1:${canary.port}/`)).toBe('denied');
      await dev.printed(new RegExp(`http_allow_list = \\[\\\\"127\\.0\\.0\\.1:${canary.port}\\\\"\\]`));
      expect(await call('http://shop.tabbify.internal/')).toBe('denied');
      await dev.printed(/a call to \\"app:shop\\" denied; no other apps run in `tcli dev`/);
      await listing('api.example.com');
      await until('the call is denied', async () => (await call(`http://${place}/`)) === 'denied');
      expect(canary.connections).toBe(0);
      expect(dev.output()).not.toContain('"event":"serving","again":true');
      expect(await dev.end('SIGINT')).toBe(0);
    } finally {
      granted.closeAllConnections();
      granted.close();
    }
  },
  400_000,
);

const KEEPING = `${MANIFEST}[runtime]
stateful = true
`;

/** Counts its visits as a key, and as rows of SQL. */
function counting(word: string): string {
  return `import { kv, sql } from '@tabbify/sdk';
export default {
  async fetch(): Promise<Response> {
    await sql\`create table if not exists visits (id integer primary key)\`;
    await sql\`insert into visits default values\`;
    const row = await sql.first<{ n: number }>\`select count(*) as n from visits\`;
    const n = await kv.update<number>('visits', (before) => (before ?? 0) + 1);
    return new Response([\`${word}\`, n, row?.n].join(' '));
  },
};
`;
}

it.each(['worker', 'wasm-http'])(
  'as %s serves save after save with the data of those before, tells of one that cannot be loaded, and finds the data again',
  async (runtime) => {
    await save('tabbify.toml', KEEPING);
    await save('src/index.ts', counting('save-0'));
    const { process: dev, ask } = await develop('--runtime', runtime);
    expect(await ask('')).toBe('save-0 1 1');
    for (const turn of [1, 2, 3, 4, 5]) {
      await save('src/index.ts', counting(`save-${turn}`));
      await until(`save ${turn}`, async () => (await ask('')).startsWith(`save-${turn} `));
    }
    const [, keys, rows] = (await ask('')).split(' ').map(Number);
    expect(keys).toBeGreaterThanOrEqual(7);
    expect(rows).toBe(keys);

    await save('src/index.ts', `${counting('broken')}undefined_name.call();\n`);
    const failed = await dev.printed(/^.*"event":"failed".*undefined_name.*$/m);
    expect(JSON.parse(failed[0])).toMatchObject({ serving: true });
    expect(failed[0]).toContain('src/index.ts:11:1');
    expect(await ask('')).toBe(`save-5 ${Number(keys) + 1} ${Number(keys) + 1}`);
    expect(await dev.end('SIGINT')).toBe(0);

    await save('src/index.ts', counting('again'));
    const { process: next, ask: askAgain } = await develop('--runtime', runtime);
    expect(await askAgain('')).toBe(`again ${Number(keys) + 2} ${Number(keys) + 2}`);
    expect(await next.end('SIGTERM')).toBe(0);
    expect(await boxes()).toEqual([]);
  },
  400_000,
);
