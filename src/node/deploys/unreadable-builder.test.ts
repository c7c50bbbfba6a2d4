import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { runChild } from '../../kit/index.ts';

const PACKAGE = dirname(dirname(fileURLToPath(new URL('..', import.meta.url))));

/** Deploys a version with the program beside it, until every deployment has ended, and says how. */
const SCRIPT = `
  const [rooms] = process.argv.slice(1);
  const { openDeployingOffice } = await import(rooms + '/node/testing/deploying-office.ts');
  const { newId } = await import(rooms + '/kit/index.ts');
  const office = await openDeployingOffice({ 'tabbify.toml': '[app]\\nname = "a"\\n' });
  const app = newId();
  const id = await office.request(app, 1, await office.publish(app, 1, 'a'));
  const running = await office.start();
  const hasEnded = await running.settled(AbortSignal.timeout(20_000));
  const { phase, failure } = running.live.office.deployments.get(id);
  const { placements } = running.live.office.apps.get(app);
  process.stdout.write(JSON.stringify({ hasEnded, phase, failure, placed: placements.size }));
  await running.close();
  await office.close();`;

test('a deployment whose builder cannot be read fails, and says why and what to do', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-not-whole-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // a program of which a part is gone: what apps import of the platform, which decides what a build makes
  for (const part of ['src', 'package.json']) {
    await cp(join(PACKAGE, part), join(folder, part), { recursive: true });
  }
  await symlink(join(PACKAGE, 'node_modules'), join(folder, 'node_modules'));
  const { stdout, stderr } = await runChild(
    process.execPath,
    ['--input-type=module', '-e', SCRIPT, join(folder, 'src')],
    { cwd: folder, env: {}, timeoutMs: 50_000 },
  );
  expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual({
    hasEnded: true,
    phase: 'failed',
    failure: {
      stage: 'building',
      reason: expect.stringMatching(
        /^the office's own program is not whole: ENOENT.*sdk.*\. Install it anew$/,
      ),
      logTail: [],
    },
    placed: 0,
  });
});
