import { builderError } from '../errors.ts';
import type { NpmSettings } from './protocol.ts';

type Registries = Pick<NpmSettings, 'registry' | 'publicRegistry'>;

/** What of a `package-lock.json` (version 2 or 3) matters here. */
interface Lockfile {
  readonly lockfileVersion?: number;
  readonly packages?: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
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
    if (path !== '' && entry.inBundle !== true) checkEntry(path, entry, npm);
    const { resolved: _, ...rest } = entry;
    packages[path] = rest;
  }
  // Version 2 repeats everything under `dependencies` for npm 6; npm 7 and later read `packages` alone.
  return `${JSON.stringify({ ...lockfile, lockfileVersion: 3, packages, dependencies: undefined }, null, 2)}\n`;
}

function parseLockfile(text: string): Lockfile {
  const refuse = (why: string): Error =>
    builderError('build_failed', {
      what: 'package-lock.json cannot be used',
      why,
      hint: 'Make it again with `npm install --package-lock-only` (npm 7 or later) and commit it.',
    });
  let lockfile: Lockfile;
  try {
    lockfile = JSON.parse(text) as Lockfile;
  } catch {
    throw refuse('it is not JSON');
  }
  const version = lockfile.lockfileVersion;
  if (version !== 2 && version !== 3)
    throw refuse(`its version is ${version ?? 'missing'}, 2 or 3 is needed`);
  return lockfile;
}

function checkEntry(path: string, entry: LockedPackage, { registry, publicRegistry }: Registries): void {
  const refuse = (why: string, hint: string): Error =>
    builderError('build_failed', { what: `package-lock.json installs ${path} from elsewhere`, why, hint });
  if (entry.link === true || !path.startsWith('node_modules/')) {
    throw refuse('it is a link to a folder', 'Copy that code into the app, or publish it to the registry.');
  }
  const { resolved } = entry;
  if (resolved !== undefined && !resolved.startsWith(registry) && !resolved.startsWith(publicRegistry)) {
    throw refuse(
      `it points to ${resolved}, the office's registry is ${registry}`,
      'Use a version from the registry, and make the lockfile again.',
    );
  }
  if (entry.integrity === undefined) {
    throw refuse('it has no integrity', 'Make the lockfile again with `npm install --package-lock-only`.');
  }
}
