import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { MANIFEST_FILE, type Manifest, parseManifest } from '../app/index.ts';
import { artifactKindOf, buildArtifact } from '../builder/index.ts';
import { probeBoxes } from '../sandbox/index.ts';
import { runtimeOf } from './runtime-of.ts';
import { serveApp } from './testing/served-app.ts';
import { workerPlace } from './worker/testing/worker-place.ts';

const HELLO = join(import.meta.dirname, '../../examples/hello');
const WASM = 'type = "wasm-http"';

/** Milliseconds; the first component on a machine takes half a minute, more when it is busy. */
const BOTH_BUILDS_MS = 300_000;

function manifestOf(text: string): Manifest {
  const { manifest, diagnostics } = parseManifest(text, { file: MANIFEST_FILE });
  if (manifest === null || diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return manifest;
}

/** Status, type and body of every route, in words that do not change with the time. */
async function answersOf(url: string): Promise<readonly string[]> {
  const asked: readonly [string, RequestInit?][] = [
    ['/'],
    ['/', { headers: { 'x-forwarded-host': 'hello.example', 'x-forwarded-prefix': '/app/1' } }],
    ['/api/hello?name=Ada'],
    ['/api/hello'],
    ['/echo'],
    ['/echo', { method: 'POST', body: 'whatever comes' }],
    [
      '/echo',
      { method: 'POST', body: new Uint8Array(200_000).fill(7), headers: { 'content-type': 'image/x' } },
    ],
    ['/nothing'],
  ];
  return Promise.all(
    asked.map(async ([path, init]) => {
      const answer = await fetch(url + path, init);
      const body = (await answer.text()).replace(/"at":"[^"]+"/, '"at":""').replaceAll(url, 'http://here');
      return `${answer.status} ${answer.headers.get('content-type')} ${answer.headers.get('allow')} ${body}`;
    }),
  );
}

test(
  'hello runs as worker and, by one line of its manifest, as wasm-http, and answers the same',
  async (context) => {
    await using home = await workerPlace();
    context.skip(skipWithout('bubblewrap', (await probeBoxes(home.place)).possible));
    const text = await readFile(join(HELLO, MANIFEST_FILE), 'utf8');
    const line = text.split('\n').find((each) => each.includes(WASM)) ?? '';
    expect(line).toMatch(/^# /);
    const answers = new Map<string, readonly string[]>();
    for (const source of [text, text.replace(`# ${WASM}`, WASM)]) {
      const manifest = manifestOf(source);
      const { type, memoryMb } = manifest.runtime;
      const built = await buildArtifact({
        sourceDir: HELLO,
        outDir: join(home.folder, type),
        manifest,
        kind: artifactKindOf(type)!,
        home: home.folder,
        timeoutMs: BOTH_BUILDS_MS,
      });
      const spec = {
        artifactDir: built.dir,
        memoryMb,
        env: { ...manifest.env, TABBIFY_VERSION: '7' },
        place: home.place,
      };
      await using served = await serveApp(await runtimeOf(type), spec);
      answers.set(type, await answersOf(served.url));
    }
    expect([...answers.keys()]).toEqual(['worker', 'wasm-http']);
    expect(answers.get('worker')).toEqual(answers.get('wasm-http'));
    expect(answers.get('worker')?.[0]).toMatch(/^200 text\/html.*<span>version 7<\/span>/s);
    expect(answers.get('worker')?.[2]).toContain('Hello, Ada!');
  },
  BOTH_BUILDS_MS,
);
