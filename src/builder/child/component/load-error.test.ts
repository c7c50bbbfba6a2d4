import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../app-folder.fixture.ts';
import { lendEngineCode } from '../../testing/lent-builds.ts';
import { bundleApp } from './bundle.ts';
import { componentizeBundle } from './componentize.ts';
import { loadError } from './load-error.ts';

const APP = 'export default { fetch: () => new Response() };';
/** Put together while it runs, past the bundler, which refuses the name itself. */
const ENVIRONMENT = '["wasi", "cli/environment@0.2.10"].join(":")';

let engine: TemporaryFolder;
beforeAll(async () => {
  engine = await temporaryFolder();
  await lendEngineCode(engine.path);
}, 120_000);
afterAll(() => engine[Symbol.asyncDispose]());

it.each([
  [
    'takes all memory',
    'const all = []; for (let i = 0; ; i++) all.push({ i, text: "x" + i });',
    'out of memory',
  ],
  ['waits for ever', 'await new Promise(() => {});', 'was never done'],
  [
    'asks for the environment of the build',
    `(await import(${ENVIRONMENT})).getEnvironment();`,
    'wasi:cli/environment',
  ],
])(
  'tells the author of a module that %s while it is loaded',
  async (_name, code, why) => {
    await using folder = await temporaryFolder();
    const root = await folder.write({ 'app/index.js': `${code}\n${APP}` });
    const bundle = await bundleApp(`${root}/app`, 'index.js');
    const here = process.cwd();
    try {
      await expect(componentizeBundle(bundle, root, engine.path)).rejects.toMatchObject({
        code: 'build_failed',
        why: expect.stringContaining(why),
      });
    } finally {
      process.chdir(here);
    }
  },
  120_000,
);

it('does not blame the author for a tool that cannot be started', () => {
  const message = 'Failed to initialize component (wizer (/w)):\nProcess error: spawnSync /w ENOENT';
  expect(loadError(message, { placeOf: () => null })).toBeNull();
});
