import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ARTIFACT_FILE, type ModuleArtifact } from '../../builder/index.ts';
import { messageOf } from '../../kit/index.ts';
import { runtimeError } from '../errors.ts';

/** A module artifact in memory. */
export interface LoadedModule {
  /** The module's source, in UTF-8. */
  readonly source: Buffer;
  /** Where its source map lies; read when somebody asks for a place. */
  readonly mapPath: string;
}

/** @throws TabbifyError `artifact_invalid` */
export async function loadModuleArtifact(dir: string): Promise<LoadedModule> {
  try {
    const { main, map } = checked(JSON.parse(await readFile(join(dir, ARTIFACT_FILE), 'utf8')));
    return { source: await readFile(join(dir, main)), mapPath: join(dir, map) };
  } catch (error) {
    throw runtimeError('artifact_invalid', {
      what: `The artifact in ${dir} cannot be run`,
      why: messageOf(error),
      hint: 'Publish the app again; the artifact is then built anew',
      cause: error,
    });
  }
}

function checked(value: Partial<ModuleArtifact> | null): ModuleArtifact {
  const { format, kind, main, map } = value ?? {};
  if (format !== 1 || kind !== 'module') throw new Error(`format ${format} of kind ${kind} is unknown here`);
  if (!isFileName(main) || !isFileName(map))
    throw new Error(`${ARTIFACT_FILE} names no module or no source map`);
  return { format, kind, main, map };
}

function isFileName(name: unknown): name is string {
  return typeof name === 'string' && !['', '.', '..'].includes(name) && basename(name) === name;
}
