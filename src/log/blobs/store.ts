import { randomUUID, webcrypto } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../kit/index.ts';
import type { BlobRef } from '../envelope.ts';
import { logError } from '../errors.ts';
import { BLOB_DIGEST, BLOB_TENANT, blobPath } from './paths.ts';

/** Largest blob in bytes. */
export const MAX_BLOB_BYTES = 16 * 1024 * 1024;

/** A stored blob, as a walk over the folder finds it. */
export interface FoundBlob {
  readonly tenant: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** When it was stored, or stored again, ms. */
  readonly storedAt: number;
}

/** Blobs in a folder, one file each, named by their content. */
export interface BlobStore {
  put(tenant: string, bytes: Uint8Array, mediatype: string): Promise<BlobRef>;
  read(tenant: string, digest: string): Promise<Uint8Array>;
  /** Writes a blob that may stand there damaged. */
  replace(tenant: string, bytes: Uint8Array): Promise<void>;
  /** Every blob; what a killed process left half written is removed on the way when it is older than `staleBefore`, ms. */
  walk(staleBefore?: number): AsyncGenerator<FoundBlob>;
  /** Bytes of all blobs; the first call walks the folder. */
  usage(): Promise<number>;
  /** Tells of bytes that were removed by others. */
  removed(bytes: number): void;
}

/** @param directory is made with the first blob */
export function createBlobStore(directory: string): BlobStore {
  let usage: Promise<number> | null = null;
  let changed = 0;

  const store: BlobStore = {
    async put(tenant, bytes, mediatype) {
      checkTenant(tenant);
      checkMediatype(mediatype);
      if (bytes.byteLength > MAX_BLOB_BYTES) throw tooLarge(bytes.byteLength);
      const kept = Uint8Array.from(bytes); // the caller's buffer may change while it is written
      const digest = await digestOfBytes(kept);
      const path = blobPath(directory, tenant, digest);
      if (!(await renewed(path, kept.byteLength))) {
        await write(directory, path, kept);
        changed += kept.byteLength;
      }
      return { digest, size: kept.byteLength, mediatype };
    },
    async read(tenant, digest) {
      checkTenant(tenant);
      checkDigest(digest);
      const bytes = await readFile(blobPath(directory, tenant, digest)).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') throw missing(tenant, digest);
        throw unreadable(tenant, digest, error);
      });
      if ((await digestOfBytes(bytes)) !== digest) throw damaged(tenant, digest);
      return bytes;
    },
    async replace(tenant, bytes) {
      checkTenant(tenant);
      await write(directory, blobPath(directory, tenant, await digestOfBytes(bytes)), bytes);
    },
    async *walk(staleBefore = 0) {
      for (const tenant of await foldersIn(directory)) {
        if (!BLOB_TENANT.test(tenant)) continue;
        for (const prefix of await foldersIn(join(directory, tenant))) {
          for (const { name } of await entriesIn(join(directory, tenant, prefix))) {
            const path = join(directory, tenant, prefix, name);
            const found = await stat(path).catch(() => null); // removed meanwhile
            if (found === null) continue;
            const digest = `sha256:${name}`;
            if (BLOB_DIGEST.test(digest)) {
              yield { tenant, digest, size: found.size, storedAt: found.mtimeMs };
            } else if (name.endsWith('.tmp') && found.mtimeMs < staleBefore) {
              await rm(path, { force: true });
            }
          }
        }
      }
    },
    async usage() {
      usage ??= (async () => {
        let bytes = 0;
        const before = changed;
        for await (const blob of store.walk()) bytes += blob.size;
        return bytes - before;
      })();
      try {
        return Math.max(0, (await usage) + changed);
      } catch (error) {
        usage = null; // tried again at the next call
        throw error;
      }
    },
    removed(bytes) {
      changed -= bytes;
    },
  };
  return store;
}

/** Is it there already? Then it counts as stored now, so that no sweep takes it before an event names it. */
async function renewed(path: string, size: number): Promise<boolean> {
  try {
    const now = new Date();
    if ((await stat(path)).size !== size) return false; // cut off by a fault: written again
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw unavailable(error);
  }
}

/** Temporary file, fsync, rename, and fsync of every directory that got a new entry. */
async function write(directory: string, path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(folder);
    if (made !== undefined) {
      for (const above of [dirname(folder), directory, dirname(directory)]) await syncDirectory(above);
    }
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one to tell
    throw unavailable(error);
  }
}

/** In a thread of the system's pool: 16 MiB would hold the event loop for tens of milliseconds. */
async function digestOfBytes(bytes: Uint8Array): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return `sha256:${Buffer.from(digest).toString('hex')}`;
}

async function entriesIn(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unavailable(error);
  }
}

async function foldersIn(directory: string): Promise<string[]> {
  return (await entriesIn(directory)).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function checkTenant(tenant: string): void {
  if (BLOB_TENANT.test(tenant)) return;
  throw logError('query_invalid', {
    what: 'There are no blobs of such an office',
    why: `\`${tenant.slice(0, 80)}\` is not the slug of an office`,
    hint: 'Pass a name of lower-case letters, digits and `-`',
  });
}

function checkDigest(digest: string): void {
  if (BLOB_DIGEST.test(digest)) return;
  throw logError('query_invalid', {
    what: 'There is no such blob',
    why: `\`${digest.slice(0, 80)}\` is not a digest`,
    hint: 'Pass `sha256:` and 64 hexadecimal digits, as `dataref` has them',
  });
}

function checkMediatype(mediatype: string): void {
  if (/^[\x21-\x7e]+\/[\x20-\x7e]{1,200}$/.test(mediatype)) return;
  throw logError('query_invalid', {
    what: 'The blob cannot be stored',
    why: `\`${mediatype.slice(0, 80)}\` is not a media type`,
    hint: 'Pass one such as `application/json`',
  });
}

function tooLarge(bytes: number) {
  return logError('blob_too_large', {
    what: 'The blob is too large',
    why: `it has ${bytes} bytes, a blob holds at most ${MAX_BLOB_BYTES}`,
    hint: 'Cut it into several blobs, or publish it as an artifact',
  });
}

function missing(tenant: string, digest: string) {
  return logError('blob_missing', {
    what: `The office ${tenant} has no blob ${digest}`,
    why: 'it was never stored, or it was erased',
    hint: 'See the event that names it: an erased one says so',
  });
}

function damaged(tenant: string, digest: string) {
  return logError('blob_damaged', {
    what: `The blob ${digest} of the office ${tenant} is damaged`,
    why: 'its bytes no longer have this digest',
    hint: 'Restore it from a backup: `tabbify doctor --repair`',
  });
}

function unreadable(tenant: string, digest: string, cause: unknown) {
  return logError('blob_damaged', {
    what: `The blob ${digest} of the office ${tenant} cannot be read`,
    why: cause instanceof Error ? cause.message : String(cause),
    hint: 'Check the disk; restore it from a backup with `tabbify doctor --repair`',
    cause,
  });
}

function unavailable(cause: unknown) {
  const full = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(codeOf(cause)));
  return logError('log_unavailable', {
    what: 'The blob was not stored',
    why: full ? 'the disk is full' : cause instanceof Error ? cause.message : String(cause),
    hint: full ? 'Free some disk space, then try again' : 'Check the disk and the folder, then try again',
    cause,
  });
}
