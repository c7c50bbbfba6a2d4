import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type ChildResult, runChild } from '../../src/kit/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = [
  'package.json',
  'tsconfig.json',
  'biome.json',
  '.dependency-cruiser.mjs',
  '.gitignore',
  'src',
  'test/requirements.ts',
  'test/drill/random.ts',
  'bootstrap/node26.mjs',
];

/**
 * Runs one of the project's tools over a copy of the sources with files planted into it.
 *
 * @param files path inside the copy → content
 */
export async function runOverPlanted(
  tool: string,
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<ChildResult> {
  const copy = await mkdtemp(join(tmpdir(), 'tabbify-planted-'));
  try {
    for (const name of COPIED) await cp(join(ROOT, name), join(copy, name), { recursive: true });
    await mkdir(join(copy, '.git'));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(copy, path)), { recursive: true });
      await writeFile(join(copy, path), content);
    }
    return await runChild(process.execPath, [join(ROOT, 'node_modules/.bin', tool), ...args], {
      cwd: copy,
      env: { PATH: process.env.PATH ?? '' },
      timeoutMs: 120_000,
    });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
