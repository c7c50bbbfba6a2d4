import { membersOf } from './missing-members.ts';
import { insteadOfMember, PROVIDED_MODULES } from './provided.ts';

/**
 * Who imports: the app itself, whose imports of what is not there are an error; a package, in which such a function may serve
 * something that the app does not ask for, so that it fails when it is called; or somebody who requires.
 */
export type Importer = 'app' | 'package' | 'require';

/** Prefix under which the modules here name one another as packages import them. */
export const FACADE = 'tabbify-facade:';
/** Prefix under which they name the files below `guest/node/`. */
export const PART = 'tabbify-part:';

/**
 * The text of one of Node's modules for a component.
 *
 * @param name without `node:`
 */
export async function facadeOf(name: string, importer: Importer): Promise<string> {
  if (importer === 'require') return `module.exports = require('${FACADE}${name}').default;`;
  const { missing } = await membersOf(name);
  const { file, is } = PROVIDED_MODULES.get(name) ?? { file: name };
  const instead = Object.fromEntries(missing.map((member) => [member, insteadOfMember(name, member)]));
  const quoted = JSON.stringify(name);
  const late = missing.map(
    (member) =>
      `export const ${member} = /* @__PURE__ */ missing(${quoted}, ${JSON.stringify(member)}, ${JSON.stringify(instead[member])});`,
  );
  const target = is === undefined ? '{ ...real }' : `real.${is}`;
  return [
    `import { missing, withMissing } from '${PART}missing';`,
    `import * as real from '${PART}${file}';`,
    `export * from '${PART}${file}';`,
    ...(importer === 'package' ? late : []),
    `export default /* @__PURE__ */ withMissing(${target}, ${quoted}, ${JSON.stringify(instead)});`,
  ].join('\n');
}
