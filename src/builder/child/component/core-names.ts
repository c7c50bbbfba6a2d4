import { builderError } from '../../errors.ts';
import { type CoreModule, readCore } from './core-module.ts';

/**
 * What the names of a core module may be made of. The transpiler writes them between single quotes into its glue as they
 * stand, and the glue is code that runs outside the component: a quote in a name would end the text and begin a program.
 * So nothing that means anything in JavaScript's strings, templates and comments is let through. Compilers use letters,
 * digits and `_ $ . - : / @ # [ ]`.
 */
const SAFE_NAME = /^[A-Za-z0-9_$.:/@#[\]<>()+!%,;=?|~^& -]*$/;

/**
 * Refuses core modules whose imports or exports have names that could become code in the glue.
 *
 * @throws TabbifyError `build_failed` naming the first
 */
export function refuseUnsafeNames(cores: Iterable<Uint8Array>): void {
  for (const bytes of cores) {
    const unsafe = namesOf(readCore(bytes)).find((name) => !SAFE_NAME.test(name));
    if (unsafe === undefined) continue;
    throw builderError('build_failed', {
      what: `A core module of the component uses the name ${JSON.stringify(unsafe.slice(0, 120))}`,
      why: 'names of imports and exports may hold letters, digits and a few marks, no quotes, braces or control characters',
      hint: 'Rename that import or export; compilers do not make such names by themselves.',
    });
  }
}

function namesOf({ imports, exports }: CoreModule): string[] {
  return [...imports.flatMap(({ module, name }) => [module, name]), ...exports.map(({ name }) => name)];
}
