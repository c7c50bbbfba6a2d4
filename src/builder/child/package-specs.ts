/** A package's name: a scope or none, no path (npm's rules, without its old exceptions). */
const NAME = '(?:@[a-z0-9~_-][a-z0-9._~-]*/)?[a-z0-9~_-][a-z0-9._~-]*';
const NAME_ALONE = new RegExp(`^${NAME}$`, 'i');
/** Where a package of a lockfile lies. */
const PLACE = new RegExp(`^node_modules/${NAME}(?:/node_modules/${NAME})*$`, 'i');
/** Semantic Versioning 2.0.0. */
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9a-z.-]+)?(?:\+[0-9a-z.-]+)?$/i;
/** Another name for a package of the registry. */
const ALIAS = new RegExp(`^npm:${NAME}(?:@(.*))?$`, 'i');
/** A range of versions or a tag: no colon, no slash, nothing that npm takes for a file. */
const RANGE = /^(?!\.)[\w.*^~<>=|+\s-]*$/;
const FILE = /\.(?:tgz|tar|tar\.gz)$/i;

/** The fields by which a manifest or an entry of a lockfile asks for other packages. */
export const WANTED = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
] as const;

/** Is this a plain name of a package? */
export function isPackageName(name: unknown): boolean {
  return typeof name === 'string' && NAME_ALONE.test(name);
}

/** Is this a path of a lockfile that lies in `node_modules` and nowhere else? */
export function isPackagePlace(path: string): boolean {
  return PLACE.test(path);
}

/** Is this one version, and not an address? npm puts name and version together and fetches whatever that means. */
export function isVersion(version: unknown): boolean {
  return typeof version === 'string' && VERSION.test(version);
}

/**
 * What of the wanted packages npm would fetch from elsewhere than the registry: an address, a repository, a file, a folder.
 *
 * @param wanted names and what is wanted of each; overrides may be nested, and `$name` there repeats what was wanted
 * @returns the first as `name: what is wanted`, or null
 */
export function foreignSpec(wanted: unknown): string | null {
  if (wanted === undefined || wanted === null) return null;
  if (typeof wanted !== 'object') return String(wanted);
  for (const [name, spec] of Object.entries(wanted)) {
    const foreign = typeof spec === 'object' ? foreignSpec(spec) : isOfRegistry(spec) ? null : String(spec);
    if (foreign !== null) return `${name}: ${foreign}`;
  }
  return null;
}

function isOfRegistry(spec: unknown): boolean {
  if (typeof spec !== 'string') return false;
  const alias = ALIAS.exec(spec);
  const range = alias === null ? spec.replace(/^\$(?=[a-z@])/i, '') : (alias[1] ?? '');
  if (alias === null && range !== spec) return isPackageName(range);
  return RANGE.test(range) && !FILE.test(range);
}
