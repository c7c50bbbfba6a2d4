import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartSpec } from '../runtime.ts';
import { ARTIFACT_FILE, type WasmHttpArtifact } from './artifact.ts';

/**
 * Does an app get `/data`? Not where its artifact was made before there was any: its glue would not wait for answers. Deployed anew it gets it.
 */
export async function hasFilesIn({ artifactDir, hasFiles = false }: StartSpec): Promise<boolean> {
  if (!hasFiles) return false;
  const text = await readFile(join(artifactDir, ARTIFACT_FILE), 'utf8');
  return (JSON.parse(text) as Partial<WasmHttpArtifact>).suspendsForFiles === true;
}
