import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeError } from '../errors.ts';
import type { SecretFiles, StartSpec } from '../runtime.ts';
import { ARTIFACT_FILE, type WasmHttpArtifact } from './artifact.ts';

/** What a component finds when it looks for files. */
export interface ComponentFiles {
  /** It has `/data`. */
  readonly hasFiles: boolean;
  readonly secretFiles: SecretFiles;
}

/**
 * The files of an app. One whose artifact was made before there were any gets no `/data`: its glue would not wait for answers.
 *
 * @throws TabbifyError `start_failed` for such an app that is given secrets as files: deployed anew it gets them
 */
export async function filesFor({
  artifactDir,
  hasFiles = false,
  secretFiles = {},
}: StartSpec): Promise<ComponentFiles> {
  const names = Object.keys(secretFiles);
  if (!hasFiles && names.length === 0) return { hasFiles, secretFiles };
  const text = await readFile(join(artifactDir, ARTIFACT_FILE), 'utf8');
  const waits = (JSON.parse(text) as Partial<WasmHttpArtifact>).suspendsForFiles === true;
  if (waits || names.length === 0) return { hasFiles: hasFiles && waits, secretFiles };
  throw runtimeError('start_failed', {
    what: 'The component did not start',
    why: `it is given ${names.join(', ')} as files, and was built before components could open any`,
    hint: 'Deploy it once more: it is built anew then',
  });
}
