import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestOffice } from './office.ts';
import { ROOT } from './process.ts';

let office: TestOffice;
beforeAll(async () => {
  office = await TestOffice.create('up');
  await office.open();
});
afterAll(() => office[Symbol.asyncDispose]());

const manifest = (line: string): string =>
  `[app]\nname = "files"\n[build]\nkind = "wasm"\n[runtime]\ntype = "wasm-http"\n${line}\n`;

it('gives a component the folder /data, for all its versions, after kill -9, until it is purged with its data', async () => {
  const folder = join(office.directory, 'files');
  await mkdir(folder);
  await cp(join(ROOT, 'test/fixtures/components/files.wasm'), join(folder, 'app.wasm'));
  const push = async (line: string): Promise<string> => {
    await writeFile(join(folder, 'tabbify.toml'), manifest(line));
    const { code, stdout, stderr } = await office.tcli('push', folder, '--json');
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as { uuid: string }).uuid;
  };
  /** Calls of wasi:filesystem, one a line (files.c), asked again while the app comes up anew. */
  const tell = async (app: string, ...calls: readonly string[]): Promise<string[]> => {
    const until = performance.now() + 30_000;
    for (;;) {
      const answer = await office.api(`/app/${app}/`, {
        method: 'POST',
        body: calls.join('\n').replaceAll(' ', '\t'),
      });
      const text = await answer.text();
      if (answer.status === 200) return text.trimEnd().split('\n');
      if (performance.now() > until) throw new Error(`${answer.status} ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  const app = await push('stateful = true');
  const kept = join(office.home, 'data', app, 'production/files/kept');
  const written = ['folders', 'open 0 1 kept 1 3 0', 'write 1 0 here', 'sync 1', 'open 0 2 ../kv.db 0 1 1'];
  expect(await tell(app, ...written)).toEqual(['ok /data', 'ok', 'ok 4', 'ok', 'err not-permitted']);
  expect(await readFile(kept, 'utf8')).toBe('here');

  await push('stateful = true\ndata_mb = 1');
  const more = ['folders', 'open 0 1 kept 0 3 0', 'read 1 0 9', 'fill 1 0 9000000', 'size 1 4'];
  expect(await tell(app, ...more)).toEqual(['ok /data', 'ok', 'ok here', 'err quota', 'ok']);

  const runner = (await office.runners()).find((each) => each.app === app);
  process.kill(runner?.pid ?? 0, 'SIGKILL');
  expect(await tell(app, 'folders', 'open 0 1 kept 0 1 0', 'read 1 0 9')).toEqual([
    'ok /data',
    'ok',
    'ok xxxx',
  ]);

  const { environments } = (
    (await (await office.api(`/v1/apps/${app}/data`)).json()) as {
      hosts: { environments: { environment: string; bytes: number }[] }[];
    }
  ).hosts[0] ?? { environments: [] };
  expect(environments[0]?.bytes).toBeGreaterThan(4);

  await push('');
  expect(await tell(app, 'folders')).toEqual(['ok']);
  expect(await readFile(kept, 'utf8')).toBe('xxxx');

  expect((await office.tabbify('purge', 'files', '--data', '--yes')).code).toBe(0);
  const until = performance.now() + 20_000;
  while ((await stat(kept).catch(() => null)) !== null && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await stat(kept).catch(() => null)).toBeNull();
}, 120_000);
