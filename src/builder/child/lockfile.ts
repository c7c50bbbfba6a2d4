import { builderError } from '../errors.ts';
import { foreignSpec, isPackageName, isPackagePlace, isVersion, WANTED } from './package-specs.ts';
import type { NpmSettings } from './protocol.ts';

type Registries = Pick<NpmSettings, 'registry' | 'publicRegistry'>;

/** What of a `package-lock.json` (version 2 or 3) matters here. */
interface Lockfile {
  readonly lockfileVersion?: number;
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage extends Readonly<Partial<Record<(typeof WANTED)[number], unknown>>> {
  /** Another name than that of its folder. */
  readonly name?: unknown;
  readonly version?: unknown;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

/**
 * Checks that everything a lockfile installs comes from the registry and has an integrity, and takes the addresses
 * out, so that npm asks that registry and no other host.
 *
 * @param npm its registry, and npm's built-in one: addresses there mean "the configured registry" (`replace-registry-host`)
 * @returns the lockfile to install from
 * @throws TabbifyError `build_failed` naming the entry
 */
export function confineLockfile(text: string, npm: Registries): string {
  const lockfile = parseLockfile(text);
  const packages: Record<string, LockedPackage> = {};
  for (const [path, entry] of Object.entries(lockfile.packages ?? {})) {
    if (typeof entry !== 'object' || entry === null) throw unusable(`its entry ${path} is none`);
    checkEntry(path, entry, npm);
    const { resolved: _, ...rest } = entry;
    packages[path] = rest;
  }
  // Version 2 repeats everything under `dependencies` for npm 6; npm 7 and later read `packages` alone.
  return `${JSON.stringify({ ...lockfile, lockfileVersion: 3, packages, dependencies: undefined }, null, 2)}\n`;
}

/**
 * Checks that a `package.json` wants nothing but packages of the registry, since npm reads it beside the lockfile and fetches
 * what that lacks.
 *
 * @throws TabbifyError `build_failed` naming what it wants
 */
export function confineManifest(text: string): void {
  const refuse = (why: string, hint: string): Error =>
    builderError('build_failed', { what: 'package.json asks for what is not in the registry', why, hint });
  const manifest = JSON.parse(text) as Readonly<Record<string, unknown>>;
  for (const field of WANTED) {
    const foreign = foreignSpec(manifest[field]);
    if (foreign !== null) throw refuse(`its ${field} want ${foreign}`, FROM_REGISTRY);
  }
  if (manifest.workspaces !== undefined) {
    throw refuse('its workspaces are folders', 'Make one package of the app, and take `workspaces` out.');
  }
}

const FROM_REGISTRY = 'Use a version from the registry, and make the lockfile again.';

function parseLockfile(text: string): Lockfile {
  let lockfile: Lockfile;
  try {
    lockfile = JSON.parse(text) as Lockfile;
  } catch {
    throw unusable('it is not JSON');
  }
  const version = lockfile.lockfileVersion;
  if (version !== 2 && version !== 3)
    throw unusable(`its version is ${version ?? 'missing'}, 2 or 3 is needed`);
  return lockfile;
}

function unusable(why: string): Error {
  return builderError('build_failed', {
    what: 'package-lock.json cannot be used',
    why,
    hint: 'Make it again with `npm install --package-lock-only` (npm 7 or later) and commit it.',
  });
}

function checkEntry(path: string, entry: LockedPackage, { registry, publicRegistry }: Registries): void {
  const refuse = (why: string, hint: string): Error =>
    builderError('build_failed', {
      what: `package-lock.json installs ${path || 'what the app wants'} from elsewhere`,
      why,
      hint,
    });
  for (const field of WANTED) {
    const foreign = foreignSpec(entry[field]);
    if (foreign !== null) throw refuse(`its ${field} want ${foreign}`, FROM_REGISTRY);
  }
  if (path === '') return; // the app itself
  if (entry.link === true || !path.startsWith('node_modules/')) {
    throw refuse('it is a link to a folder', 'Copy that code into the app, or publish it to the registry.');
  }
  if (!isPackagePlace(path) || (entry.name !== undefined && !isPackageName(entry.name))) {
    throw refuse('its path or name is none of a package', FROM_REGISTRY);
  }
  if (!isVersion(entry.version)) throw refuse(`its version is ${String(entry.version)}`, FROM_REGISTRY);
  const { resolved } = entry;
  if (resolved !== undefined && !resolved.startsWith(registry) && !resolved.startsWith(publicRegistry)) {
    throw refuse(`it points to ${resolved}, the office's registry is ${registry}`, FROM_REGISTRY);
  }
  if (entry.integrity === undefined && entry.inBundle !== true) {
    throw refuse('it has no integrity', 'Make the lockfile again with `npm install --package-lock-only`.');
  }
}
