import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { PROVIDED_MODULES, type ProvidedModule } from './provided.ts';

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** What a provided module is made of, and which functions of Node's own it lacks. */
export interface Members {
  readonly there: readonly string[];
  readonly missing: readonly string[];
}

const known = new Map<string, Promise<Members>>();

/**
 * Compares a provided module with Node's own, both as they are here.
 *
 * @param name without `node:`; one of `PROVIDED_MODULES`
 */
export function membersOf(name: string): Promise<Members> {
  const found = known.get(name) ?? compare(name);
  known.set(name, found);
  return found;
}

async function compare(name: string): Promise<Members> {
  const provided = PROVIDED_MODULES.get(name);
  if (provided === undefined) throw new Error(`no module ${name} is provided`);
  const there = await exportsOf(provided);
  const node = process.getBuiltinModule(name) as unknown;
  const missing = Object.entries(node as Readonly<Record<string, unknown>>)
    .filter(
      ([member, value]) => typeof value === 'function' && member !== 'default' && !member.startsWith('_'),
    )
    .map(([member]) => member)
    .filter((member) => !there.includes(member));
  return { there, missing };
}

/** Read off its text: what it does to `process` and to globals is meant for a component. */
async function exportsOf({ file }: ProvidedModule): Promise<readonly string[]> {
  const path = fileURLToPath(new URL(`../../../guest/node/${file}${EXTENSION}`, import.meta.url));
  const { metafile } = await build({
    entryPoints: [path],
    write: false,
    metafile: true,
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
