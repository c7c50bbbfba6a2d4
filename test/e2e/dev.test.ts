import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCanary } from '../../src/egress/testing/index.ts';
import { isAlive } from '../../src/kit/index.ts';
import { until } from '../drill/until.ts';
import { type Started, start } from './process.ts';

let folder: string;
const started: Started[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tcli-dev-'));
  await mkdir(join(folder, 'app/src'), { recursive: true });
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.end('SIGKILL')));
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
async function develop(): Promise<{ process: Started; url: string; ask: (path: string) => Promise<string> }> {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, TABBIFY_HOME: join(folder, 'home') };
  const dev = start('bin/tcli.mjs', ['dev', join(folder, 'app'), '--port', '0', '--json'], env);
  started.push(dev);
  await dev.printed(/"event":"serving"/);
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
