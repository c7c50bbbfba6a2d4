import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SECRET_KINDS, type SecretKind } from '../app/index.ts';
import { syncDirectory, writeFileAtomic } from '../kit/index.ts';

import type { Sealed } from './sealing.ts';

/** A change that the log has not heard of yet. */
export interface SecretChange {
  /** Also the id of its event. */
  readonly id: string;
  readonly type: 'secret_registered' | 'secret_deleted';
  readonly name: string;
  readonly kind: SecretKind;
  readonly version: number;
  readonly actor: string;
  /** RFC 3339. */
  readonly time: string;
}

/** All that is kept of one secret. */
export interface SecretFile {
  readonly tenant: string;
  readonly name: string;
  /** Integer ≥ 1; a number is never given twice, also not after the secret was deleted. */
  readonly version: number;
  readonly kind: SecretKind;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** Null: it was deleted. */
  readonly sealed: (Sealed & { readonly keyId: string }) | null;
  /** Requests that made the last versions: a repeat is answered as the first one was. */
  readonly requests: readonly { readonly id: string; readonly version: number }[];
  readonly changes: readonly SecretChange[];
}

/** What a name of a file alone says, so that damage inside it never hides which secret it was. */
export interface FoundSecret {
  readonly tenant: string;
  readonly name: string;
  readonly version: number;
  /** It was deleted. */
  readonly isGone: boolean;
  /** Of a damaged one as far as it can still be read, like all of it but its value under a digest alone; else null. */
  readonly kind: SecretKind | null;
  /** Null: what the file holds is not what was written. */
  readonly file: SecretFile | null;
}

/** `<name>@<version>.sealed`, or `.gone` for one that was deleted; the `/` of `platform/` is `+`. */
const FILE_NAME = /^(?<name>[A-Za-z0-9][\w.+-]*)@(?<version>[1-9]\d{0,14})\.(?<kind>sealed|gone)$/;

/** Reads what there is, newest version of each, and removes what a killed writer left. */
export async function readSecretFiles(directory: string): Promise<FoundSecret[]> {
  const found: FoundSecret[] = [];
  for (const tenant of await readdir(directory, { withFileTypes: true })) {
    if (tenant.isDirectory()) found.push(...(await readOffice(directory, tenant.name)));
  }
  return found;
}

async function readOffice(directory: string, tenant: string): Promise<FoundSecret[]> {
  const folder = join(directory, tenant);
  const newest = new Map<string, { version: number; kind: string; file: string }>();
  const passed: string[] = [];
  for (const file of await readdir(folder)) {
    if (file.endsWith('.tmp')) passed.push(file);
    const { name, version: digits, kind } = FILE_NAME.exec(file)?.groups ?? {};
    if (name === undefined || kind === undefined) continue;
    const version = Number(digits);
    const known = newest.get(name);
    const isNewer =
      known === undefined || version > known.version || (version === known.version && kind === 'gone');
    passed.push(...(isNewer ? (known === undefined ? [] : [known.file]) : [file]));
    if (isNewer) newest.set(name, { version, kind, file });
  }
  for (const file of passed) await destroy(join(folder, file));
  const found: FoundSecret[] = [];
  for (const [stem, { version, kind, file }] of newest) {
    const place = { tenant, name: stem.replace('+', '/'), version };
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    const read = fileOf(text, place);
    const isGone = kind === 'gone';
    const isIt = read !== null && (read.sealed === null) === isGone;
    found.push({ ...place, isGone, kind: kindIn(text), file: isIt ? read : null });
  }
  return found;
}

/** Writes the newest of a secret, durable when it resolves; a file of the same version is replaced. */
export async function writeSecretFile(directory: string, file: SecretFile): Promise<void> {
  const path = pathOf(directory, file, file.sealed === null ? 'gone' : 'sealed');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomic(path, `${JSON.stringify({ ...file, check: checkOf(file) })}\n`, 0o600);
  await syncDirectory(directory);
}

/** Removes what the newest has replaced: overwritten first, for whoever still reads the disk. */
export async function removeSecretFile(
  directory: string,
  place: { readonly tenant: string; readonly name: string; readonly version: number },
  kind: 'sealed' | 'gone',
): Promise<void> {
  await destroy(pathOf(directory, place, kind));
}

async function destroy(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    try {
      const { size } = await handle.stat();
      await handle.write(randomBytes(size), 0, size, 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}

function pathOf(
  directory: string,
  { tenant, name, version }: { readonly tenant: string; readonly name: string; readonly version: number },
  kind: 'sealed' | 'gone',
): string {
  return join(directory, tenant, `${name.replace('/', '+')}@${version}.${kind}`);
}

function fileOf(
  text: string,
  place: { readonly tenant: string; readonly name: string; readonly version: number },
): SecretFile | null {
  try {
    const { check, ...file } = JSON.parse(text) as SecretFile & { readonly check: string };
    const isWhole =
      check === checkOf(file) &&
      file.tenant === place.tenant &&
      file.name === place.name &&
      file.version === place.version;
    return isWhole ? file : null;
  } catch {
    return null; // not JSON any more
  }
}

function kindIn(text: string): SecretKind | null {
  const written = /"kind":"([a-z-]+)"/.exec(text)?.[1];
  return SECRET_KINDS.find((each) => each === written) ?? null;
}

function checkOf(file: SecretFile): string {
  return createHash('sha256').update(JSON.stringify(file)).digest('hex');
}
