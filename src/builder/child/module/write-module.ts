import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARTIFACT_FILE, type ModuleArtifact } from '../../artifact-format.ts';
import type { ModuleBundle } from './bundle-module.ts';

const RECORD: ModuleArtifact = { format: 1, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' };

/** Writes the artifact folder of a module. */
export async function writeModule(
  folder: string,
  { code, map }: Pick<ModuleBundle, 'code' | 'map'>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, RECORD.main), code);
  await writeFile(join(folder, RECORD.map), map);
  await writeFile(join(folder, ARTIFACT_FILE), `${JSON.stringify(RECORD, null, 2)}\n`);
}
