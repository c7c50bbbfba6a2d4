import { type FileReply, type FileRequest, type FileStat, ROOT_HANDLE } from '../../../../data/index.ts';
import type { SecretFiles } from '../../../runtime.ts';
import { type Answered, type AppFiles, type FilesEpoch, FilesError } from './app-files.ts';

const NOTHING = new Uint8Array(0);
/** Handles of listings; those of files are their places in the folder, from 1 on. */
const FIRST_LISTING = 1 << 20;
/** Listings that all instances of an app may have open. */
const MAX_LISTINGS = 1_000;

/** One folder of files that never change, which are nowhere but in this process: read like those on a disk, and by nobody written. */
export function memoryFiles(files: SecretFiles): AppFiles {
  const names = Object.keys(files).sort();
  const listings = new Set<number>();
  let lastListing = FIRST_LISTING;
  const bytesOf = (handle: number): Uint8Array => files[names[handle - 1] ?? ''] ?? NOTHING;

  /** @throws FilesError `no-entry`, `not-permitted` for what leads out of the folder */
  function find(at: number, path: string): number {
    if (at !== ROOT_HANDLE) throw new FilesError('not-directory');
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (path.startsWith('/') || parts.includes('..')) throw new FilesError('not-permitted');
    if (parts.length === 0) return ROOT_HANDLE;
    const place = names.indexOf(parts[0] ?? '');
    if (place < 0) throw new FilesError('no-entry');
    if (parts.length > 1) throw new FilesError('not-directory');
    return place + 1;
  }

  function targetOf(request: { readonly handle: number } | { readonly at: number; readonly path: string }) {
    return 'handle' in request ? request.handle : find(request.at, request.path);
  }

  function open(request: FileRequest & { readonly op: 'open' }): FileReply {
    const { at, path, create, exclusive, folder, truncate, write } = request;
    let handle: number;
    try {
      handle = find(at, path);
    } catch (error) {
      if (create && error instanceof FilesError && error.code === 'no-entry')
        throw new FilesError('read-only');
      throw error;
    }
    const isFolder = handle === ROOT_HANDLE;
    if (exclusive && create) throw new FilesError('exist');
    if (folder && !isFolder) throw new FilesError('not-directory');
    if (write || truncate) throw new FilesError(isFolder ? 'is-directory' : 'read-only');
    return { handle, kind: isFolder ? 'directory' : 'regular-file', object: `memory/${handle}` };
  }

  function listed(): FileReply {
    if (listings.size >= MAX_LISTINGS) throw new FilesError('insufficient-memory');
    listings.add(++lastListing);
    return { handle: lastListing };
  }

  /** All of them at once, then nothing. */
  function next(handle: number): FileReply {
    if (!listings.delete(handle)) return { entries: [] };
    return { entries: names.map((name) => ({ kind: 'regular-file', name })) };
  }

  function answer(request: FileRequest): FileReply | Uint8Array {
    switch (request.op) {
      case 'open':
        return open(request);
      case 'read':
        return bytesOf(request.handle).slice(request.offset, request.offset + request.length);
      case 'stat':
        return { stat: statOf(targetOf(request)) };
      case 'hash':
        return { hash: hashOf(targetOf(request)) };
      case 'list':
        if (request.handle !== ROOT_HANDLE) throw new FilesError('not-directory');
        return listed();
      case 'next':
        return next(request.handle);
      case 'close':
        listings.delete(request.handle);
        return {};
      case 'sync':
        return {};
      case 'read-link':
        find(request.at, request.path);
        throw new FilesError('invalid');
      default:
        throw new FilesError('read-only');
    }
  }

  function statOf(handle: number): FileStat {
    const isFolder = handle === ROOT_HANDLE;
    return {
      ...{
        kind: isFolder ? 'directory' : 'regular-file',
        links: 1,
        size: isFolder ? 0 : bytesOf(handle).length,
      },
      ...{ accessed: [0, 0], modified: [0, 0], changed: [0, 0] },
    };
  }

  const epoch: FilesEpoch = {
    async call(request): Promise<Answered> {
      const found = answer(request);
      return found instanceof Uint8Array ? { reply: {}, bytes: found } : { reply: found, bytes: NOTHING };
    },
  };
  return { epoch: async () => epoch, close() {} };
}

/** Says which of them it is, and nothing of what is in it. */
function hashOf(handle: number): string {
  return handle.toString(16).padStart(32, '0');
}
