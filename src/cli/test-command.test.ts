import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { probeBoxes } from '../sandbox/index.ts';
import { runCli } from './testing/run-cli.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const boxes = await (async () => {
  const home = mkdtempSync(join(tmpdir(), 'tabbify-cli-'));
  try {
    return await probeBoxes({ home });
  } finally {
    rmSync(home, { recursive: true });
  }
})();

const MANIFEST =
  '[app]\nname = "hello"\n[build]\nmain = "index.ts"\n[env]\nMODE = "dark"\nKEY = "secret:KEY"\n';
const app = (body: string) => ({
  'app/tabbify.toml': MANIFEST,
  'app/index.ts': 'export default {};\n',
  'app/index.test.ts': `import { test } from 'node:test';\n${body}`,
});

describe.skipIf(skipWithout('bubblewrap', boxes.possible))('tcli test', () => {
  test('ends as the tests do, without an office, and shows what they print', async () => {
    await using folder = await temporaryFolder();
    await folder.write(
      app(
        "test('it', () => { console.log(process.env.MODE, process.env.KEY, process.env.TABBIFY_APP_NAME); });",
      ),
    );
    const good = await runCli('tcli', ['test', 'app'], { cwd: folder.path });
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('dark undefined hello')]);
    expect(good.stderr).toBe('run  node --test **/*.test.{ts,js,mjs}\n');

    await folder.write(app("test('one', () => { throw new Error('wrong'); });\ntest('two', () => {});"));
    const bad = await runCli('tcli', ['test', 'app', '--json'], { cwd: folder.path });
    expect([bad.code, bad.json()]).toMatchObject([1, { ok: false, ended: 'itself', code: 1, signal: null }]);
    expect(bad.stderr).toContain('wrong');
    const some = ['test', 'app', '--', '--test-name-pattern=two'];
    expect((await runCli('tcli', some, { cwd: folder.path })).code).toBe(0);
  });

  test('says why it ended tests that hang, and Ctrl-C ends them too', async () => {
    await using folder = await temporaryFolder();
    await folder.write(
      app(
        "test('hangs', () => new Promise(() => setInterval(() => {}, 1000)));\nconsole.log('hang' + 'ing');",
      ),
    );
    const hung = await runCli('tcli', ['test', 'app', '--timeout', '2'], { cwd: folder.path });
    expect([hung.code, hung.stderr]).toEqual([1, expect.stringMatching(/ran for 2 s[\s\S]*--timeout/)]);
    const stop = new AbortController();
    const stopped = await runCli('tcli', ['test', 'app'], {
      cwd: folder.path,
      signal: stop.signal,
      onStdout: (text) => text.includes('hanging') && stop.abort(new Error('called off')),
    });
    expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringContaining('called off')]);
  });
});

test('what cannot be run is said', async () => {
  await using folder = await temporaryFolder();
  await folder.write(app(''));
  const wrong = await runCli('tcli', ['test', 'app', '--timeout', 'soon'], { cwd: folder.path });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('at least 1')]);
  const none = await runCli('tcli', ['test', 'nowhere'], { cwd: folder.path });
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('nowhere')]);
});
