import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Packages whose version decides what a build makes. */
const TOOLS = ['esbuild', '@bytecodealliance/componentize-js', '@bytecodealliance/jco-transpile'];

let known: Promise<string> | undefined;

/**
 * Digest (`sha256:<hex>`) of all in the platform that decides what a build makes: the builder's own files and the
 * versions of its tools. Another digest means that artifacts made before may differ from those made now.
 */
export function builderDigest(): Promise<string> {
  known ??= computeDigest();
  return known;
}

async function computeDigest(): Promise<string> {
  const hash = createHash('sha256');
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.(test|fixture)\.[jt]s$/.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort();
  for (const name of names) {
    hash.update(JSON.stringify([name.slice(folder.length), (await readFile(name)).toString('base64')]));
  }
  for (const tool of TOOLS) {
    const path = findPackageJSON(tool, import.meta.url);
    if (path === undefined) throw new Error(`the package ${tool} is not installed`);
    const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
    hash.update(JSON.stringify([tool, version]));
  }
  return `sha256:${hash.digest('hex')}`;
}
