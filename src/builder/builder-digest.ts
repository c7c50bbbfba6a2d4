import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactKind } from './artifact-kind.ts';
import { isSdkSource, SDK_FOLDER } from './sdk-folder.ts';

/** Ports of Node's modules that become part of components. */
const PORTS = [
  '@noble/hashes',
  'buffer',
  'events',
  'node-inspect-extracted',
  'path-browserify',
  'readable-stream',
  'string_decoder',
  'unenv',
];

/** What of the builder makes one kind of artifact alone, and so decides nothing of the other. */
const PARTS: Readonly<
  Record<ArtifactKind, { readonly folders: readonly string[]; readonly tools: readonly string[] }>
> = {
  'wasm-http': {
    folders: ['child/component', 'guest', 'wasm', 'wit'],
    tools: ['@bytecodealliance/componentize-js', '@bytecodealliance/jco-transpile', ...PORTS],
  },
  module: { folders: ['child/module'], tools: [] },
};

/** Packages whose version decides what any build makes. */
const COMMON_TOOLS = ['esbuild'];

const known = new Map<ArtifactKind, Promise<string>>();

/**
 * Digest (`sha256:<hex>`) of all in the platform that decides what a build of that kind makes: the builder's own files, what it
 * gives to apps (the sdk), and the versions of its tools. Another digest means that artifacts made before may differ from those made now.
 */
export function builderDigest(kind: ArtifactKind): Promise<string> {
  const digest = known.get(kind) ?? digestWith(kind, SDK_FOLDER);
  known.set(kind, digest);
  digest.catch(() => known.delete(kind)); // whoever mends the program need not start the office anew
  return digest;
}

/** The same with an sdk that lies in that folder. */
export async function digestWith(kind: ArtifactKind, sdk: string): Promise<string> {
  const hash = createHash('sha256');
  for (const [name, content] of [...(await filesFor(kind)), ...(await sdkFiles(sdk))]) {
    hash.update(JSON.stringify([name, content.toString('base64')]));
  }
  for (const tool of [...COMMON_TOOLS, ...PARTS[kind].tools]) {
    const path = findPackageJSON(tool, import.meta.url);
    if (path === undefined) throw new Error(`the package ${tool} is not installed`);
    const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
    hash.update(JSON.stringify([tool, version]));
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The builder's files without its tests and what is for other kinds alone, by their path in this folder. */
async function filesFor(kind: ArtifactKind): Promise<(readonly [string, Buffer])[]> {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const foreign = Object.entries(PARTS).flatMap(([other, { folders }]) => (other === kind ? [] : folders));
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.(test|fixture)\.[jt]s$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('testing/') && !foreign.some((part) => name.startsWith(`${part}/`)))
    .sort();
  return contentsOf(folder, names);
}

async function sdkFiles(folder: string): Promise<(readonly [string, Buffer])[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter(isSdkSource)
    .sort();
  return (await contentsOf(folder, names)).map(([name, content]) => [`sdk/${name}`, content] as const);
}

function contentsOf(folder: string, names: readonly string[]): Promise<(readonly [string, Buffer])[]> {
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}
