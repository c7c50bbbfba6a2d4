import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { buildNpmApp } from '../builder/testing/index.ts';
import { startChild } from '../kit/index.ts';
import { probeBoxes } from '../sandbox/index.ts';
import { runtimeOf } from './runtime-of.ts';
import { serveApp } from './testing/served-app.ts';
import { workerPlace } from './worker/testing/worker-place.ts';

const ENV = { CURRENCY: 'SEK' };
const ID = '0191e7c2-0000-7000-8000-000000000001';
const TEA = { id: ID, customer: ' Ada ', items: [{ name: 'tea', cents: 125_000 }] };

/** Milliseconds; the packages are packed, served, installed and bundled. */
const BUILD_MS = 180_000;

/** Serves a module as plain Node does, nothing of the platform around it. */
const PLAIN = `import { serve } from '@hono/node-server';
const { default: app } = await import(process.argv[1]);
serve({ fetch: (request) => app.fetch(request, ${JSON.stringify(ENV)}), port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));`;

async function inPlainNode(dir: string): Promise<AsyncDisposable & { readonly url: string }> {
  const module = pathToFileURL(`${dir}/app.mjs`).href;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PLAIN, module];
  const child = startChild(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout! });
  const port = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('close', () => reject(new Error('plain Node ended')));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What all routes answer, one after the other: status, type, tag and body. */
async function answersOf(url: string): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(url + path, init);
    const { headers, status } = answer;
    // The blank in `text/plain; charset=UTF-8` is the server package's; the worker writes what the standard says.
    const type = headers.get('content-type')?.replace('; ', ';');
    const head = [status, type, headers.get('etag')].join(' ');
    answers[`${init?.method ?? 'GET'} ${path}`] = `${head} ${await answer.text()}`;
  };
  await ask('/orders', { method: 'POST', body: JSON.stringify(TEA) });
  await ask('/orders?bad', { method: 'POST', body: JSON.stringify({ customer: '', items: [] }) });
  const paths = [`/orders/${ID}`, '/orders/none', '/archive.tar', '/search/cofee', '/search/--upper%20toffe'];
  for (const path of [...paths, '/metrics', '/events', '/plugins/first', '/plugins/none']) await ask(path);
  return answers;
}

test(
  'an app of many npm packages answers as a worker what it answers in plain Node',
  async (context) => {
    await using home = await workerPlace();
    const warnings: string[] = [];
    const { dir } = await buildNpmApp(
      home.folder,
      (step, detail) => step === 'warning' && warnings.push(detail),
    );
    expect(warnings).toContainEqual(expect.stringMatching(/^prom-client imports node:cluster/));
    expect(warnings).toContainEqual(expect.stringMatching(/^thread-stream imports node:worker_threads/));

    await using plain = await inPlainNode(dir);
    const expected = await answersOf(plain.url);
    expect(expected).toMatchObject({
      'POST /orders': expect.stringMatching(
        /^201 application\/json "[\w-]{43}\.[0-9a-f]{8}" .*"customer":"Ada"/,
      ),
      'POST /orders?bad': expect.stringMatching(/^422 .*"items":\["Too small/),
      [`GET /orders/${ID}`]: expect.stringMatching(/1 mars 2026.*1\.250,00\sSEK/s),
      'GET /orders/none': expect.stringMatching(/^404 /),
      'GET /archive.tar': expect.stringContaining(`${ID}.json`),
      'GET /search/cofee': expect.stringContaining('"coffee"'),
      'GET /search/--upper%20toffe': expect.stringContaining('"COFFEE"'), // toffee is hidden
      'GET /metrics': expect.stringContaining('requests{method="POST"} 2'),
      'GET /events': expect.stringContaining(`data: ${ID}`),
      'GET /plugins/first': expect.stringContaining('the first plugin'),
      'GET /plugins/none': expect.stringMatching(/^500 .*Module not found/),
    });

    context.skip(skipWithout('bubblewrap', (await probeBoxes(home.place)).possible));
    const spec = { artifactDir: dir, memoryMb: 256, env: ENV, place: home.place };
    await using served = await serveApp(await runtimeOf('worker'), spec);
    const found = await answersOf(served.url);
    // the one place that stands in an answer names where the module lies
    const withoutPlace = (answers: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(answers).map(([name, text]) => [name, text.replace(/"at":".*"/, '')]),
      );
    expect(withoutPlace(found)).toEqual(withoutPlace(expected));
  },
  BUILD_MS,
);
