import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FILE, parseManifest } from '../../app/index.ts';
import { cliError } from '../errors.ts';

/** The examples are the templates: what is tried by the tests is what a new app begins with. */
const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
/** What a new app is made of where nobody has chosen. */
export const PLAIN = 'plain';
/** Made by a compiler that `tcli` does not bring. */
const NO_TEMPLATES = new Set(['tiny']);
/** What using an example leaves in its folder. */
const LEFT_BEHIND = new Set(['node_modules', '.tabbify', 'tabbify.lock']);

/** A kind of app to begin with. */
export interface Template {
  readonly name: string;
  /** One line. */
  readonly summary: string;
}

/** All templates, the plain one first. */
export async function templates(): Promise<readonly Template[]> {
  const names = (await readdir(EXAMPLES)).filter((name) => !NO_TEMPLATES.has(name)).sort();
  const all = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(EXAMPLES, name, MANIFEST_FILE), 'utf8').catch(() => null);
      const { manifest } = text === null ? { manifest: null } : parseManifest(text, { file: MANIFEST_FILE });
      return manifest === null ? [] : [{ name, summary: manifest.app.description }];
    }),
  );
  return all.flat().sort((a, b) => Number(b.name === PLAIN) - Number(a.name === PLAIN));
}

/**
 * The files of an example, by path.
 *
 * @throws TabbifyError `usage` for a name that no template has
 */
export async function templateFiles(name: string): Promise<ReadonlyMap<string, Buffer>> {
  const known = (await templates()).map((template) => template.name);
  if (!known.includes(name)) {
    throw cliError('usage', {
      what: `There is no template ${name}`,
      why: `these are there: ${known.join(', ')}`,
      hint: 'Leave `--template` out for the plain one.',
    });
  }
  const files = new Map<string, Buffer>();
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(EXAMPLES, name, folder), { withFileTypes: true })) {
      if (LEFT_BEHIND.has(entry.name)) continue;
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) await visit(path);
      else files.set(path, await readFile(join(EXAMPLES, name, path)));
    }
  };
  await visit('');
  return files;
}
