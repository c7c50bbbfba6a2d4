import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleRunner } from './bundle.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'bundle-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('is one file beside its own node, without the libraries of the office', async () => {
  const bundle = await bundleRunner({ home });
  expect(bundle.mainPath).toBe(join(home, 'runtime', bundle.digest, 'runner.mjs'));
  expect(statSync(bundle.nodePath).size).toBe(statSync(process.execPath).size);
  const code = readFileSync(bundle.mainPath, 'utf8');
  const specifier = /(?<!\.)(?:from|import)\s*\(?["']([\w@:./-]+)["']/g; // and not `Buffer.from("…")`
  const imported = [...code.matchAll(specifier)].map((match) => match[1]);
  expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([]);
  expect(code.length).toBeLessThan(400_000);
  for (const heavy of ['pino', 'zod', 'hono', 'esbuild'])
    expect(code).not.toMatch(new RegExp(`\\b${heavy}\\b`, 'i'));
});

it.each(['runner.mjs', 'guest.mjs', 'guest-component.mjs'])(
  'loads nothing in %s that no start waits for',
  async (program) => {
    const { mainPath, nodePath } = await bundleRunner({ home });
    const told = "process.on('exit', () => console.log(process.moduleLoadList.join('\\n')))";
    const args = ['--import', `data:text/javascript,${told}`, join(dirname(mainPath), program)];
    // It ends at once: nobody says whose it is, or nobody is at the other end.
    const stdio = ['ignore', 'pipe', 'ignore', 'ignore', 'ignore'] as const;
    const { stdout } = spawnSync(nodePath, args, { encoding: 'utf8', stdio: [...stdio] });
    const loaded = stdout.split('\n').map((line) => line.replace('NativeModule ', ''));
    expect(loaded).toContain('net');
    for (const slow of ['crypto', 'tls', 'http2', 'internal/deps/undici/undici'])
      expect(loaded).not.toContain(slow);
  },
);

it('can be read by the users that sandboxes run as', async () => {
  const { mainPath } = await bundleRunner({ home });
  const guest = join(dirname(mainPath), 'guest.mjs');
  expect(statSync(guest).mode & 0o777).toBe(0o644);
});

it('is not made again while its sources are the same', async () => {
  const first = await bundleRunner({ home });
  const madeAt = statSync(first.mainPath).mtimeMs;
  const second = await bundleRunner({ home });
  expect(second).toEqual(first);
  expect(statSync(second.mainPath).mtimeMs).toBe(madeAt);
});

it('is made again when what lies there is damaged', async () => {
  const { mainPath } = await bundleRunner({ home });
  const whole = readFileSync(mainPath, 'utf8');
  writeFileSync(mainPath, whole.slice(0, 100));
  await bundleRunner({ home });
  expect(readFileSync(mainPath, 'utf8')).toBe(whole);
});
