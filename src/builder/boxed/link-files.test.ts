import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { fewFiles, linkFiles } from './link-files.ts';
import { receiveArtifact } from './received-artifact.ts';
import { openWaitingBox } from './waiting-box.ts';

async function aFolder(files: Readonly<Record<string, string>> = {}): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  await folder.write(files);
  return folder;
}

it('tells few files from many', async () => {
  const few = await aFolder({ 'a/index.js': '', 'b/c/d/index.js': '' });
  expect(await fewFiles(few.path)).toBe(true);
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`a/${index}.js`, '']));
  expect(await fewFiles((await aFolder(many)).path)).toBe(false);
});

it.skipIf(skipWithout('bubblewrap', existsSync('/usr/bin/bwrap')))(
  'gives a box that waits the packages of an app, which it reads and cannot change',
  async () => {
    const home = await aFolder();
    const packages = join(home.path, 'packages');
    await home.write({
      'packages/answer/package.json': '{"name":"answer","main":"lib/index.js"}',
      'packages/answer/lib/index.js': 'export const answer = "from the package";',
    });
    await Promise.all([mkdir(join(home.path, 'cache')), mkdir(join(home.path, 'prepared'))]);
    const box = await openWaitingBox({
      home: home.path,
      cacheDir: join(home.path, 'cache'),
      caches: join(home.path, 'prepared'),
      component: null,
    });
    onTestFinished(() => box.end());
    await box.ready;
    const app = await aFolder({
      'index.js': `import { answer } from 'answer';\nexport default { fetch: () => new Response(answer) };`,
    });
    await linkFiles(packages, join(box.source, 'node_modules'));
    await linkFiles(app.path, join(box.source, 'src'));
    const linked = await stat(join(box.source, 'node_modules/answer/lib/index.js'));
    expect(linked.ino).toBe((await stat(join(packages, 'answer/lib/index.js'))).ino);

    const artifact = receiveArtifact('module');
    const timeoutMs = 60_000;
    const deadline = performance.now() + timeoutMs;
    const build = { home: home.path, scratchDir: home.path, timeoutMs, deadline, signal: undefined };
    const task = { kind: 'module', main: 'src/index.js' } as const;
    expect(await box.build({ ...build, onProgress: () => {} }, task, artifact)).toBe(true);
    await artifact.write(join(home.path, 'artifact'));
    expect(await readFile(join(home.path, 'artifact/app.mjs'), 'utf8')).toContain('from the package');
  },
  60_000,
);

it('opens its folders to the user of a box, whatever those were that it links', async () => {
  const from = await aFolder({ 'closed/file': 'text' });
  await chmod(join(from.path, 'closed'), 0o700);
  const to = join((await aFolder()).path, 'to');
  await linkFiles(from.path, to);
  expect((await stat(join(to, 'closed'))).mode & 0o777).toBe(0o755);
});
