import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, type FileHandle, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { artifactError } from '../errors.ts';
import { codeOf, storageFault } from '../folder/storage-fault.ts';
import { type FileDigest, sha256 } from '../tree/tree-digest.ts';
import { chunksUntil } from './chunks-until.ts';

/** Contents of files under their SHA-256, on their way into a version: whole ones, and the beginnings of others. */
export interface StagedContents {
  /** Is all of it there? */
  has(digest: string): boolean;
  /** How many bytes are there of these contents, one after the other, up to the first that is missing. */
  offsetIn(contents: readonly FileDigest[]): number;
  /**
   * Takes in bytes of these contents, one after the other. What has come by then stays when the source breaks off. What is there
   * already is read over.
   *
   * @param offset where in these contents the bytes begin: what `offsetIn` says
   * @param signal ends it; comes out as its reason
   * @throws content_mismatch naming the content, which then begins anew; content_too_long; the source's error; store_unavailable
   */
  receive(
    contents: readonly FileDigest[],
    offset: number,
    source: Readable,
    signal: AbortSignal,
  ): Promise<void>;
  /** Puts a content under a name. @returns false when it is not there */
  place(digest: string, path: string): Promise<boolean>;
  /** Removes all that is not named. */
  keep(digests: ReadonlySet<string>): Promise<void>;
}

const PART = '.part';

/** @param folder is made. It belongs to this process alone. */
export async function openStagedContents(folder: string): Promise<StagedContents> {
  const whole = new Set<string>();
  const parts = new Map<string, number>();
  const pathOf = (digest: string) => join(folder, digest);
  const partOf = (digest: string) => join(folder, `${digest}${PART}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (!name.endsWith(PART)) whole.add(name);
    else parts.set(name.slice(0, -PART.length), (await stat(join(folder, name))).size);
  }
  const EMPTY = sha256('');

  /** Bytes of a content that are there; of one that is complete and was not checked any more, none. */
  function begun({ sha256: digest, size }: FileDigest): number {
    const there = parts.get(digest) ?? 0;
    return there < size ? there : 0;
  }

  /** The part of a content, open for what comes next. */
  async function openPart(content: FileDigest): Promise<OpenPart> {
    const { sha256: digest } = content;
    const hash = createHash('sha256');
    const from = begun(content);
    const file = await open(partOf(digest), 'a', 0o600);
    await file.truncate(from);
    if (from > 0) for await (const chunk of createReadStream(partOf(digest))) hash.update(chunk as Buffer);
    return { file, hash, at: from };
  }

  async function finish({ sha256: digest }: FileDigest, { file, hash }: OpenPart): Promise<void> {
    await file.close();
    parts.delete(digest);
    if (hash.digest('hex') === digest) {
      await rename(partOf(digest), pathOf(digest));
      whole.add(digest);
      return;
    }
    await rm(partOf(digest), { force: true });
    throw artifactError('content_mismatch', {
      what: 'The bytes that came are not those of the file that was announced',
      why: `their SHA-256 is not ${digest}: the file was changed meanwhile, or they were damaged on the way`,
      hint: 'Push again.',
    });
  }

  async function take(
    contents: readonly FileDigest[],
    offset: number,
    chunks: AsyncIterable<Buffer>,
  ): Promise<void> {
    let index = 0;
    let at = offset; // in the content at hand
    const passed = (): FileDigest | undefined => {
      for (; index < contents.length; index++) {
        const content = contents[index] as FileDigest;
        if (at < content.size) return content;
        at -= content.size;
      }
      return undefined;
    };
    let part: OpenPart | null = null;
    try {
      for await (let chunk of chunks) {
        while (chunk.length > 0) {
          const content = passed();
          if (content === undefined) throw tooLong();
          const piece = chunk.subarray(0, content.size - at);
          chunk = chunk.subarray(piece.length);
          if (part === null && !whole.has(content.sha256)) part = await openPart(content);
          if (part !== null) {
            const fresh = piece.subarray(part.at - at); // an earlier push may have left more than this one has sent
            await part.file.appendFile(fresh);
            part.hash.update(fresh);
            part.at += fresh.length;
            parts.set(content.sha256, part.at);
          }
          at += piece.length;
          if (part !== null && part.at === content.size) {
            const done = part;
            part = null;
            await finish(content, done);
          }
        }
      }
    } finally {
      await part?.file.close();
    }
  }

  return {
    has: (digest) => digest === EMPTY || whole.has(digest),
    offsetIn(contents) {
      let offset = 0;
      for (const { sha256: digest, size } of contents) {
        if (digest !== EMPTY && !whole.has(digest)) return offset + begun({ sha256: digest, size });
        offset += size;
      }
      return offset;
    },
    async receive(contents, offset, source, signal) {
      try {
        await take(contents, offset, chunksUntil(source, signal));
      } catch (error) {
        throw storageFault(error, 'keep what is uploaded');
      }
    },
    async place(digest, path) {
      if (digest === EMPTY) await (await open(path, 'wx', 0o600)).close();
      else if (!whole.has(digest)) return false;
      // a name of its own for the same bytes, where the disk has such
      else await link(pathOf(digest), path).catch(() => copyFile(pathOf(digest), path));
      return true;
    },
    async keep(digests) {
      for (const digest of [...whole].filter((each) => !digests.has(each))) {
        whole.delete(digest);
        await removed(pathOf(digest));
      }
      for (const digest of [...parts.keys()].filter((each) => !digests.has(each))) {
        parts.delete(digest);
        await removed(partOf(digest));
      }
    },
  };
}

interface OpenPart {
  readonly file: FileHandle;
  readonly hash: Hash;
  at: number;
}

async function removed(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw storageFault(error, 'remove what was uploaded');
  }
}

function tooLong() {
  return artifactError('content_too_long', {
    what: 'More bytes came than the files have that were announced',
    hint: 'Ask where the upload stands, and send what is missing from there.',
  });
}
