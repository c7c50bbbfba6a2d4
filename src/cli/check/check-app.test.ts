import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkApp } from './check-app.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-app-'));
});
afterEach(() => rm(folder, { recursive: true }));

const MAIN = `import { readFileSync } from 'node:fs'; export default { fetch: () => new Response(readFileSync('/x')) };`;

async function check(runtime: string) {
  const dir = join(folder, 'app');
  await mkdir(dir, { recursive: true });
  const manifest = `[app]\nname = "checked"\n[build]\nmain = "index.ts"\n${runtime}`;
  await writeFile(join(dir, 'tabbify.toml'), manifest);
  await writeFile(join(dir, 'index.ts'), MAIN);
  return checkApp(dir, {
    home: join(folder, 'home'),
    taken: new Set(),
    signal: AbortSignal.timeout(60_000),
  });
}

it('builds an app for the runtime that its manifest means', async () => {
  expect(await check('')).toEqual({ ok: true, text: '' });
  const component = await check('[runtime]\ntype = "wasm-http"');
  expect(component.ok).toBe(false);
  expect(component.text).toMatch(/index\.ts:1:30: "node:fs" is not there.*worker/s);
});

it('says which runtimes there are when nothing is built for the one it names', async () => {
  const { ok, text } = await check('[runtime]\ntype = "firecracker"');
  expect([ok, text]).toEqual([false, expect.stringMatching(/"firecracker".*`worker`/)]);
});
