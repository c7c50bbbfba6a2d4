import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../app-folder.fixture.ts';
import { rebuildModule } from '../rebuild/module-rebuilder.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
  return () => folder[Symbol.asyncDispose]();
});

/** A package of one file, in a folder of packages. */
const installed = (at: string, name: string, code: string) => ({
  [`${at}/node_modules/${name}/package.json`]: JSON.stringify({ name, type: 'module', main: 'index.js' }),
  [`${at}/node_modules/${name}/index.js`]: code,
});

it('takes an app’s packages from where they lie, not from a folder above it', async () => {
  const root = await folder.write({
    'project/app/src/index.ts': `import { of } from 'both'; import only from 'apart'; export default [of, only];`,
    ...installed('project', 'both', `export const of = 'CANARY';`),
    ...installed('apart', 'both', `export const of = 'its own';`),
    ...installed('apart', 'apart', `import { of } from 'both'; export default 'apart with ' + of;`),
  });
  const tree = { root: join(root, 'project/app'), packages: join(root, 'apart') };
  const rebuilder = rebuildModule(tree, 'src/index.ts');
  const built = await rebuilder.rebuild();
  expect(built).toMatchObject({ kind: 'built', modules: 3 });
  await rebuilder.close();
});
