import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_FILES, type ParsedManifest, parseManifest } from '../app/index.ts';

/** A component that stands in the folder without being named. */
export const COMPONENT = 'app.wasm';

/** A manifest as it was found in a folder. */
export interface FoundManifest extends ParsedManifest {
  readonly text: string;
}

/** Reads the manifest of a folder: `tabbify.toml`, else the older `manifest.toml`; null when there is neither. */
export async function readManifestFile(folder: string): Promise<FoundManifest | null> {
  for (const file of MANIFEST_FILES) {
    const text = await textOf(join(folder, file));
    if (text !== null) return readManifestText({ file, text }, await hasComponent(folder));
  }
  return null;
}

/** A manifest that was read elsewhere. @param hasComponent does a component lie beside it, under its usual name? */
export function readManifestText(
  { file, text }: { readonly file: string; readonly text: string },
  hasComponent: boolean,
): FoundManifest {
  return { text, ...parseManifest(text, { file, hasComponent }) };
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Does the folder hold a component under its usual name? It decides the default of `build.kind` (CONTRACTS §4). */
async function hasComponent(folder: string): Promise<boolean> {
  try {
    await access(join(folder, COMPONENT));
    return true;
  } catch {
    return false;
  }
}
