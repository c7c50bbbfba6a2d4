import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseManifest } from '../../src/app/index.ts';
import { type BuildRequest, buildArtifact, type NpmSettings } from '../../src/builder/index.ts';
import { packageJson, takenOverBuild, testRegistry } from '../../src/builder/testing/index.ts';
import { openCanary } from '../../src/egress/testing/index.ts';
import { probeBoxes, sweepBoxes } from '../../src/sandbox/index.ts';
import { skipWithout } from '../requirements.ts';
import { groupsOfBoxes, leftLying } from './left-lying.ts';

const BUILD_MS = 120_000;
const SECRET = `secret-${randomBytes(12).toString('hex')}`;

const boxes = await (async () => {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-probe-'));
  const report = await probeBoxes({ home });
  await rm(home, { recursive: true, force: true });
  return report;
})();
const withoutGroups = skipWithout(
  'controlGroups',
  boxes.possible && boxes.limits.memory === 'enforced' && boxes.limits.tasks === 'enforced',
);

let root: string;
let home: string;
/** Files of the machine that hold the secret. */
let secrets: string[];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tabbify-builds-'));
  await chmod(root, 0o755);
  home = join(root, 'home');
  await mkdir(home, { mode: 0o700 });
  secrets = [
    'home/node.key',
    'home/.npmrc',
    'home/build/other/source/index.ts',
    'open-to-all.json',
    '.npmrc',
  ].map((name) => join(root, name));
  for (const path of secrets) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `export const secret = '${SECRET}';\n`, { mode: 0o666 });
  }
  process.env.TABBIFY_TEST_SECRET = SECRET;
});
afterAll(async () => {
  delete process.env.TABBIFY_TEST_SECRET;
  await rm(root, { recursive: true, force: true });
});

let runs = 0;
const taken = (code: string, timeoutMs?: number) =>
  takenOverBuild(home, code, join(root, `artifact-${++runs}`), timeoutMs);

/** The canaries lie where they lay, and nothing of a build is left. */
async function expectUntouched(): Promise<void> {
  for (const path of secrets) expect(await readFile(path, 'utf8')).toContain(SECRET);
  expect(await readdir(join(home, 'cache/builds/scratch'))).toEqual([]);
  expect((await readdir(join(home, 'boxes'))).filter((name) => name.endsWith('.json'))).toEqual([]);
}

describe.skipIf(skipWithout('bubblewrap', boxes.possible))('a build that was taken over', () => {
  it('finds no secret of the machine, wherever it looks', async () => {
    const look = `
      const fs = require('node:fs'), path = require('node:path');
      const found = [JSON.stringify(process.env)];
      const walk = (folder, depth) => {
        let names = [];
        try { names = fs.readdirSync(folder); } catch {}
        found.push(...names);
        for (const name of names) {
          const file = path.join(folder, name);
          if (['/tabbify', '/dev', '/sys', '/usr'].includes(folder)) continue;
          try {
            const stat = fs.lstatSync(file);
            if (stat.isDirectory() && depth > 0) walk(file, depth - 1);
            else if (stat.isFile()) found.push(beginning(file));
          } catch {}
        }
      };
      const part = Buffer.alloc(65536);
      function beginning(file) {
        const fd = fs.openSync(file);
        try { return part.toString('latin1', 0, fs.readSync(fd, part)); } finally { fs.closeSync(fd); }
      }
      walk('/', 6);
      for (const file of ${JSON.stringify(secrets)}) try { found.push(fs.readFileSync(file, 'utf8')); } catch {}
      say({ type: 'progress', step: 'bundle', detail: String(found.length) });
      const all = Buffer.from(found.join('\\n'));
      say({ type: 'file', name: 'app.mjs', bytes: all.length }, all);
      say({ type: 'done' });
      process.exit();`;
    const { said, failure, artifact } = await taken(look);
    expect([failure, Number(said.replace(/\D/g, '')) > 50]).toEqual([null, true]);
    const all = await readFile(join(artifact, 'app.mjs'), 'utf8');
    expect(all).toContain('evil.cjs'); // it saw what it may see
    expect(all).not.toContain(SECRET);
    expect(all).not.toContain(readFileSync('/etc/passwd', 'utf8').split('\n')[0]);
    await expectUntouched();
  });

  it('reaches nobody: no server of the machine, no socket of it, no name', async () => {
    await using canary = await openCanary();
    const abstract = `builds-${randomBytes(6).toString('hex')}`;
    let visits = 0;
    const paths = [join(root, 'open.sock'), `\0${abstract}`];
    for (const path of paths) {
      const server = createServer(() => visits++);
      await new Promise<void>((resolve) => server.listen(path, resolve));
      onTestFinished(() => void server.close());
    }
    await chmod(join(root, 'open.sock'), 0o777);
    const { said } = await taken(`
      const { connect } = require('node:net');
      const tried = [
        { port: ${canary.port}, host: '127.0.0.1' }, { port: ${canary.port}, host: '::1' },
        { port: 3128, host: '127.0.0.1' }, { path: '/run/tabbify/channel.sock' },
        { path: ${JSON.stringify(paths[0])} }, { path: ${JSON.stringify(paths[1])} },
      ].map((to) => new Promise((resolve) => {
        const socket = connect(to, () => resolve('connected'));
        socket.on('error', (error) => resolve(error.code));
      }));
      tried.push(require('node:dns/promises').lookup('example.com').then(() => 'resolved', (error) => error.code));
      Promise.all(tried).then((answers) => {
        say({ type: 'progress', step: 'bundle', detail: answers.join(' ') });
        process.exit();
      });`);
    expect(said).toMatch(/^bundle: (E\w+ ){6}E\w+$/);
    expect([canary.connections, visits]).toEqual([0, 0]);
    await expectUntouched();
  });

  it('changes nothing of what later builds are made of, and nothing of the source', async () => {
    const { said } = await taken(`
      const fs = require('node:fs');
      const codes = ['/source/evil.cjs', '/source/new', '/tabbify/rooms/builder/child/main.ts', '/tabbify/node_modules/esbuild/package.json',
        '/tabbify/node_modules/new', '/caches/code/x', '/usr/bin/node', '/etc/hosts'].map((path) => {
          try { fs.appendFileSync(path, 'evil'); return 'written'; } catch (error) { return error.code; }
        });
      say({ type: 'progress', step: 'bundle', detail: codes.join(' ') });
      process.exit();`);
    expect(said).toMatch(/^bundle: ((EROFS|ENOENT|EACCES) ?){8}$/);
    await expectUntouched();
  });

  it.each([
    [
      'a file of another name',
      `say({ type: 'file', name: '../../../evil', bytes: 4 }, 'AAAA'); say({ type: 'done' })`,
      'no file',
    ],
    [
      'more bytes than an artifact has',
      `for (const name of ['app.mjs', 'app.mjs.map']) say({ type: 'file', name, bytes: 100 << 20 }, Buffer.alloc(100 << 20))`,
      'at most',
    ],
    [
      'a size that is none',
      `say({ type: 'file', name: 'app.mjs', bytes: -1 }); setInterval(() => {}, 1000)`,
      'no build says',
    ],
    ['a file twice', `for (;;) say({ type: 'file', name: 'app.mjs', bytes: 4 }, 'AAAA')`, 'one file'],
    [
      'less than it says there is',
      `say({ type: 'file', name: 'app.mjs', bytes: 1000 }, 'AAAA'); say({ type: 'done' }); process.exit()`,
      'it said nothing',
    ],
    [
      'what no build says',
      `require('node:fs').writeSync(3, 'hello\\n'); setInterval(() => {}, 1000)`,
      'no build says',
    ],
    ['steps without an end', `for (;;) say({ type: 'progress', step: 'bundle', detail: 'x' })`, 'more steps'],
    ['a line without an end', `for (;;) require('node:fs').writeSync(3, 'x'.repeat(65536))`, 'anybody reads'],
    ['output without an end', `for (;;) require('node:fs').writeSync(1, 'x'.repeat(65536))`, 'anybody reads'],
  ])('is ended when it says %s', async (_name, code, why) => {
    const { failure, artifact } = await taken(`${code}; process.exit();`);
    expect(failure).toMatchObject({ code: 'build_broken', why: expect.stringContaining(why) });
    expect([existsSync(artifact), existsSync(join(home, 'evil'))]).toEqual([false, false]);
    await expectUntouched();
  });

  it('ends with all that it has started, and at its time', async () => {
    const mark = `outlives-${randomBytes(6).toString('hex')}`;
    const { failure } = await taken(
      `const { spawn } = require('node:child_process');
       if (!process.argv.includes('${mark}')) {
         for (let i = 0; i < 5; i++)
           spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}'], { detached: true, stdio: 'ignore' }).unref();
         for (;;);
       }`,
      3_000,
    );
    expect(failure).toMatchObject({ code: 'build_timeout' });
    expect(commandLines().filter((line) => line.includes(mark))).toEqual([]);
    await expectUntouched();
  });

  it.skipIf(withoutGroups)(
    'is ended at its bound of memory',
    async () => {
      const { failure } = await taken('const kept = []; for (;;) kept.push(Buffer.alloc(64 << 20, 1));');
      expect(failure).toMatchObject({ code: 'build_failed', what: expect.stringContaining('memory') });
      await expectUntouched();
    },
    BUILD_MS,
  );

  it.skipIf(withoutGroups)('has no more processes than its bound', async () => {
    const { said } = await taken(`
      const { spawnSync, spawn } = require('node:child_process');
      let started = 0;
      const more = () => {
        const child = spawn('/usr/bin/node', ['-e', 'setInterval(() => {}, 1000)'], { env: {}, stdio: 'ignore' });
        child.once('spawn', () => (started++, more()));
        child.once('error', (error) => {
          say({ type: 'progress', step: 'bundle', detail: started + ' ' + error.code });
          process.exit();
        });
      };
      more();`);
    const [, started = '', code] = /^bundle: (\d+) (\w+)$/.exec(said) ?? [];
    expect(code).toBe('EAGAIN');
    expect(Number(started)).toBeLessThan(256);
    await expectUntouched();
  });
});

describe.skipIf(skipWithout('bubblewrap', boxes.possible))('an npm that was taken over', () => {
  it('finds no credential, reaches nothing but the registry, publishes nothing, and leaves no link', async () => {
    await using canary = await openCanary();
    await using registry = await testRegistry([{ name: 'left-words', files: { 'index.js': '' } }]);
    const app = await appWith({
      'index.js': 'export default 1;',
      'package.json': packageJson(['left-words']),
      'package-lock.json': registry.lockfile(['left-words']),
    });
    const npm = await hostileNpm(
      registry.url,
      `
      import { readFileSync, readdirSync, mkdirSync, symlinkSync } from 'node:fs';
      const seen = [JSON.stringify(process.env)];
      for (const file of [...${JSON.stringify(secrets)}, '/proc/1/environ', '/proc/1/cmdline', process.env.HOME + '/.npmrc'])
        try { seen.push(readFileSync(file, 'latin1')); } catch {}
      for (const folder of ['/', '/lists', '/work', '/run/tabbify']) seen.push(...readdirSync(folder));
      const url = /^registry=(.*)$/m.exec(seen.join('\\n'))[1];
      const proxy = /^proxy=(.*)$/m.exec(seen.join('\\n'))[1];
      const { request } = await import('node:http');
      const ask = (target, method = 'GET') => new Promise((resolve) => {
        const { hostname, port } = new URL(proxy);
        request({ hostname, port, path: target, method }, (answer) => resolve(answer.statusCode)).on('error', (error) => resolve(error.code)).end();
      });
      const answers = [
        await ask('http://127.0.0.1:${canary.port}/'), await ask(url + 'left-words', 'PUT'), await ask(url + 'left-words'),
      ];
      mkdirSync('node_modules/left-words', { recursive: true });
      symlinkSync('${secrets[0]}', 'node_modules/left-words/index.js');
      process.exit(answers.join(' ') === '403 403 200' ? 0 : 1);`,
    );
    const said: string[] = [];
    const failure = await build(app, { npm, onProgress: (step, detail) => said.push(`${step}: ${detail}`) });
    expect(failure).toMatchObject({ code: 'build_failed', why: 'left-words/index.js is no file' });
    expect(canary.connections).toBe(0);
    expect(registry.asked).toEqual(['left-words']);
    const denied = `install: outgoing connection to "127.0.0.1:${canary.port}" denied`;
    expect(said.some((line) => line.startsWith(denied))).toBe(true);
    expect(await readdir(join(home, 'cache/builds/packages')).catch(() => [])).toEqual([]);
    await expectUntouched();
  });

  it('tells no secret in its words', async () => {
    await using registry = await testRegistry([]);
    const app = await appWith({
      'index.js': 'export default 2;',
      'package.json': packageJson(['gone']),
      'package-lock.json': registry.lockfile(['gone']),
    });
    const npm = await hostileNpm(
      registry.url,
      `import { readFileSync } from 'node:fs';
       const seen = ${JSON.stringify(secrets)}.map((file) => { try { return readFileSync(file, 'utf8'); } catch (error) { return error.code; } });
       console.error('npm error ' + seen.join(' '), JSON.stringify(process.env));
       process.exitCode = 1;`,
    );
    const failure = await build(app, { npm });
    expect(failure).toMatchObject({
      code: 'build_failed',
      why: expect.stringContaining('ENOENT ENOENT ENOENT'),
    });
    expect(failure?.message).not.toContain(SECRET);
    await expectUntouched();
  });
});

describe.skipIf(skipWithout('bubblewrap', boxes.possible))('an app that is built', () => {
  it.each(['node.key', 'folder'])('gets nothing of the machine by a link: %s', async (kind) => {
    const app = await appWith({
      'index.js': "import text from './linked/node.key.txt'; export default text;",
    });
    if (kind === 'folder') await symlink(home, join(app, 'linked'));
    else {
      await mkdir(join(app, 'linked'));
      await symlink(secrets[0] ?? '', join(app, 'linked/node.key.txt'));
    }
    const failure = await build(app, {});
    expect(failure).toMatchObject({ code: 'build_failed' });
    expect(failure?.message).not.toContain(SECRET);
    await expectUntouched();
  });

  it.each([
    ['no JSON', '{'],
    ['nothing but depth', '['.repeat(200_000)],
    [
      'names of the language',
      '{"lockfileVersion":3,"packages":{"__proto__":{"link":true},"node_modules/a":{"constructor":1}}}',
    ],
    [
      'a path that leads out',
      '{"lockfileVersion":3,"packages":{"node_modules/../../evil":{"version":"1.0.0","integrity":"sha512-AA=="}}}',
    ],
    ['a folder', '{"lockfileVersion":3,"packages":{"../evil":{"link":true}}}'],
    [
      'an address',
      '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"file:///etc/passwd","integrity":"sha512-AA=="}}}',
    ],
  ])('is refused with words for a lockfile of %s', async (_name, lockfile) => {
    await using registry = await testRegistry([]);
    const app = await appWith({
      'index.js': 'export default 3;',
      'package.json': packageJson(['a']),
      'package-lock.json': lockfile,
    });
    const npm = await hostileNpm(registry.url, 'process.exit(0)');
    expect(await build(app, { npm })).toMatchObject({ code: 'build_failed', hint: expect.any(String) });
    expect(registry.asked).toEqual([]);
    await expectUntouched();
  });

  it(
    'leaves nothing when its office is killed, at any moment of a build',
    async () => {
      const app = await appWith({
        'index.js': 'for (;;); export default { fetch: () => new Response("") };',
      });
      const moments = [0, 50, 150, 300, 600, 'componentize'] as const;
      for (const [index, moment] of moments.entries()) {
        const office = startOffice(app, join(root, `killed-${index}`));
        await begun(office, moment === 'componentize' ? 'componentize' : 'begun');
        if (typeof moment === 'number') await new Promise((resolve) => setTimeout(resolve, moment));
        const groups = await groupsOfBoxes(home);
        const ended = new Promise((resolve) => office.once('exit', resolve));
        office.kill('SIGKILL');
        await ended;
        // The next start of an office.
        await sweepBoxes({ home });
        expect(await build(await appWith({ 'index.js': `export default ${index};` }), {})).toBeNull();
        await expectUntouched();
        expect(await leftLying(home, groups)).toEqual([]);
        expect(commandLines().filter((line) => line.includes(root))).toEqual([]);
      }
    },
    BUILD_MS,
  );
});

async function appWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(root, 'app-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const MANIFEST = '[app]\nname = "a"\n[build]\nmain = "index.js"';

/** Builds an app; what it failed with, or null. */
async function build(
  sourceDir: string,
  more: Partial<BuildRequest>,
): Promise<(Error & { code: string }) | null> {
  const { manifest } = parseManifest(MANIFEST, { file: 'tabbify.toml' });
  if (manifest === null) throw new Error('the manifest of the test is wrong');
  const outDir = join(root, `artifact-${++runs}`);
  return buildArtifact({ sourceDir, outDir, manifest, kind: 'module', home, ...more }).then(
    () => null,
    (error: Error & { code: string }) => error,
  );
}

/** Settings of an npm whose code is hostile; the file of its credentials is one of the secrets. */
async function hostileNpm(registry: string, code: string): Promise<NpmSettings> {
  const folder = await mkdtemp(join(root, 'npm-'));
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'bin'));
  const cli = join(folder, 'bin/npm-cli.js');
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(cli, code);
  const configFiles = [join(home, '.npmrc')];
  return { cli, registry, publicRegistry: registry, cafile: null, configFiles, cacheDir: '', through: null };
}

/** A process that builds a component, and says at what it is. */
function startOffice(sourceDir: string, outDir: string): ChildProcess {
  const module = (name: string) =>
    JSON.stringify(new URL(`../../src/${name}/index.ts`, import.meta.url).href);
  const script = `
    const { buildArtifact } = await import(${module('builder')});
    const { parseManifest } = await import(${module('app')});
    const { manifest } = parseManifest(${JSON.stringify(MANIFEST)}, { file: 'tabbify.toml' });
    console.log('begun');
    await buildArtifact({ ...${JSON.stringify({ sourceDir, outDir, home })}, manifest, kind: 'wasm-http', onProgress: (step) => console.log(step) });`;
  const office = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void office.kill('SIGKILL'));
  return office;
}

async function begun(office: ChildProcess, word: string): Promise<void> {
  let said = '';
  for await (const chunk of office.stdout ?? []) {
    said += String(chunk);
    if (said.includes(word)) return;
  }
  throw new Error(`it ended before it said ${word}: ${said}`);
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return ''; // it has ended
      }
    });
}
