import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type ChildResult, runChild } from '../../src/kit/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** How the project's tools are set. */
const SETTINGS = ['package.json', 'tsconfig.json', 'biome.json', '.dependency-cruiser.mjs', '.gitignore'];
/** For a tool that looks at how all sources hang together. */
export const SOURCES = ['src', 'test/requirements.ts', 'test/drill/random.ts', 'bootstrap/node26.mjs'];

/**
 * Runs one of the project's tools, set as it is for the project, over planted files.
 *
 * @param files path inside the checkout → content
 * @param sources of the project that lie beside them
 */
export async function runOverPlanted(
  tool: string,
  args: readonly string[],
  files: Readonly<Record<string, string>>,
  sources: readonly string[] = [],
): Promise<ChildResult> {
  const copy = await mkdtemp(join(tmpdir(), 'tabbify-planted-'));
  try {
    for (const name of [...SETTINGS, ...sources])
      await cp(join(ROOT, name), join(copy, name), { recursive: true });
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
