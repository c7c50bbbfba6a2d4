import { readdir, readFile, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { probeBoxes } from '../../sandbox/index.ts';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { readNpmSettings } from '../npm-settings.ts';
import { testRegistry } from '../testing/registry.ts';
import { type TestRequest, testApp } from './test-app.ts';

let home: TemporaryFolder;
beforeAll(async () => {
  home = await temporaryFolder();
});
afterAll(() => home[Symbol.asyncDispose]());

const boxes = await (async () => {
  await using folder = await temporaryFolder();
  return await probeBoxes({ home: folder.path });
})();

async function run(files: Record<string, string>, more: Partial<TestRequest> = {}) {
  const app = await temporaryFolder();
  await app.write(files);
  onTestFinished(() => app[Symbol.asyncDispose]());
  let output = '';
  const said: string[] = [];
  const outcome = await testApp({
    ...{ sourceDir: app.path, home: home.path, env: {}, args: [], timeoutMs: 60_000, colours: false },
    onOutput: (_stream, text) => {
      output += text;
    },
    onProgress: (step, detail) => said.push(`${step}: ${detail}`),
    ...more,
  });
  return { ...outcome, output, said, app };
}

const test = (body: string) => `import { test } from 'node:test'; import assert from 'node:assert'; ${body}`;

describe.skipIf(skipWithout('bubblewrap', boxes.possible))('tests of an app', () => {
  it('run with its TypeScript, its environment and the platform’s package, and end as they say', async () => {
    const files = {
      'src/greet.ts': 'export const greet = (name: string): string => ["hello", name].join(" ");',
      'src/greet.test.ts': test(`
        import { greet } from './greet.ts';
        import { kv } from '@tabbify/sdk';
        const whom: string = process.env.WHOM ?? '';
        test('greets', () => assert.equal(greet(whom), 'hello you'));
        test('keeps', () => assert.equal(typeof kv.get, 'function'));`),
    };
    const good = await run(files, { env: { WHOM: 'you' } });
    expect([good.ended, good.code, good.output]).toEqual(['itself', 0, expect.stringContaining('pass 2')]);
    expect(good.said).toEqual(['run: node --test **/*.test.{ts,js,mjs}']);
    const bad = await run(files, { env: { WHOM: 'me' }, args: ['src/greet.test.ts'] });
    expect([bad.ended, bad.code, bad.output]).toEqual(['itself', 1, expect.stringContaining('fail 1')]);
  });

  it('have the packages for development, and start their programs', async () => {
    const tester = {
      name: 'tester',
      files: {
        'package.json': JSON.stringify({
          name: 'tester',
          version: '1.0.0',
          type: 'module',
          bin: { check: './check.js' },
        }),
        'check.js': 'console.log("checked with", process.argv.slice(2).join(" ")); process.exit(7);',
      },
    };
    await using registry = await testRegistry([tester]);
    const lock = JSON.parse(registry.lockfile(['tester'], {}));
    lock.packages[''] = { name: 'app', devDependencies: { tester: '1.0.0' } };
    lock.packages['node_modules/tester'].dev = true;
    const settings = await readNpmSettings({ PATH: process.env.PATH, HOME: home.path }, home.path);
    const npm = { ...settings, registry: registry.url, cafile: null };
    const files = (script: string) => ({
      'package.json': JSON.stringify({ scripts: { test: script }, devDependencies: { tester: '1.0.0' } }),
      'package-lock.json': JSON.stringify(lock),
    });
    const first = await run(files('check --all'), { npm, args: ['one two'] });
    expect([first.code, first.output]).toEqual([7, 'checked with --all one two\n']);
    expect(first.said[0]).toContain('npm ci');
    const again = await run(files('check --all'), { npm });
    expect([again.code, again.said[0]]).toEqual([7, expect.stringContaining('packages of an earlier build')]);
    await expect(run(files('mocha'), { npm })).rejects.toMatchObject({
      hint: expect.stringContaining('mocha'),
    });
  });

  it('that hang are ended in time, with all that they started', async () => {
    const { ended } = await run(
      {
        'a.test.js': test(`import { spawn } from 'node:child_process';
          test('hangs', async () => {
            spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
            await new Promise(() => setInterval(() => {}, 1000)); });`),
      },
      { timeoutMs: 3_000 },
    );
    expect(ended).toBe('timeout');
    expect(
      await readdir(join(home.path, 'boxes')).then((names) =>
        names.filter((name) => /^\d+\.json$/.test(name)),
      ),
    ).toEqual([]);
  });

  it('are ended when they are called off', async () => {
    const stop = new AbortController();
    const { ended } = await run(
      {
        'a.test.js': test(
          `console.log('begun'); test('hangs', () => new Promise(() => setInterval(() => {}, 1000)));`,
        ),
      },
      { signal: stop.signal, onProgress: (step) => step === 'run' && stop.abort() },
    );
    expect(ended).toBe('aborted');
  });

  it('that mean harm reach nothing: no file, no network, no process, and no folder of the person', async () => {
    const visits: string[] = [];
    const canary = createServer((request, response) => {
      visits.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void canary.close());
    const { port } = canary.address() as AddressInfo;
    await using person = await temporaryFolder();
    await person.write({ 'secret.txt': 'the canary' });
    const secret = join(person.path, 'secret.txt');
    const script = `
      import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
      import { spawn, spawnSync } from 'node:child_process';
      const tried = {};
      const attempt = async (name, act) => { try { tried[name] = String(await act()).slice(0, 200); } catch (error) { tried[name] = 'no: ' + (error.code ?? error.message); } };
      test('harm', async () => {
        await attempt('read', () => readFileSync(${JSON.stringify(secret)}));
        await attempt('link', () => readFileSync('link.txt'));
        await attempt('write', () => writeFileSync(${JSON.stringify(secret)}, 'changed'));
        await attempt('out', () => writeFileSync('/work/canary', 'x'));
        await attempt('source', () => writeFileSync('a.test.js', 'overwritten'));
        await attempt('homes', () => readdirSync('/root'));
        await attempt('dial', () => fetch('http://127.0.0.1:${port}/canary').then((one) => one.status));
        await attempt('shell', () => spawnSync('/bin/sh', ['-c', 'id']).error ?? 'it ran');
        await attempt('environment', () => Object.keys(process.env).sort().join());
        const forks = [];
        await attempt('forks', async () => {
          for (let n = 0; n < 400; n++) {
            const one = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)']);
            const failed = await new Promise((done) => { one.once('spawn', () => done(null)); one.once('error', done); });
            if (failed) throw failed;
            forks.push(one);
          }
          return 'all';
        });
        for (const one of forks) one.kill('SIGKILL');
        console.log('TRIED ' + JSON.stringify(tried));
      });`;
    const app = await temporaryFolder();
    await app.write({ 'a.test.js': test(script) });
    onTestFinished(() => app[Symbol.asyncDispose]());
    await symlink(secret, join(app.path, 'link.txt'));
    const before = await readFile(join(app.path, 'a.test.js'), 'utf8');
    const { code, output } = await run({}, { sourceDir: app.path });
    const tried = JSON.parse(/TRIED (\{.*\})/.exec(output)?.[1] ?? '{}') as Record<string, string>;
    expect([code, Object.keys(tried).length, output]).toEqual([0, 10, expect.anything()]);
    const refused = ['read', 'link', 'write', 'out', 'homes', 'dial', 'shell'].filter(
      (name) => !/^no: |ENOENT/.test(tried[name] ?? ''),
    );
    expect(refused.map((name) => `${name}: ${tried[name]}`)).toEqual([]);
    expect(tried.source).toBe('undefined'); // its copy is its own
    expect(tried.environment).not.toMatch(/npm|VITEST|TABBIFY_HOME/);
    if (boxes.possible && boxes.limits.tasks === 'enforced')
      expect(tried.forks).toMatch(/^no: (EAGAIN|ENOMEM)/);
    expect(await readFile(secret, 'utf8')).toBe('the canary');
    expect(await readFile(join(app.path, 'a.test.js'), 'utf8')).toBe(before);
    await fetch(`http://127.0.0.1:${port}/from-here`);
    expect(visits).toEqual(['/from-here']);
  });

  it('leave nothing of themselves', async () => {
    await run({
      'a.test.js': test('import { mkdirSync } from "node:fs"; mkdirSync("deep/er", { recursive: true });'),
    });
    expect(await readdir(join(home.path, 'cache/builds/scratch'))).toEqual([]);
  });
});

it('without a sandbox are not run, and it is said why and what would help', async () => {
  const walls = { possible: false, why: 'bubblewrap is not installed', hint: 'Install it.' } as const;
  const marked = join(home.path, 'marked');
  const ran = run(
    { 'a.test.js': `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marked)}, '')` },
    { walls },
  );
  await expect(ran).rejects.toMatchObject({
    code: 'tests_unboxed',
    why: expect.stringContaining('bubblewrap is not installed'),
    hint: 'Install it.',
  });
  expect(await stat(marked).catch(() => null)).toBeNull();
});

it('packages that are not there are named', async () => {
  const walls = { possible: true, limits: {}, lack: null } as never;
  const files = { 'package.json': JSON.stringify({ dependencies: { hono: '4' } }) };
  await expect(run(files, { walls })).rejects.toMatchObject({ what: expect.stringContaining('hono') });
  await expect(run({ 'package.json': '{' }, { walls })).rejects.toMatchObject({ why: 'it is not JSON' });
});
