import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { artifactError } from '../errors.ts';
import { codeOf, storageFault } from '../folder/storage-fault.ts';
import { nameGuard, publishFault, quotedName } from '../portable-path.ts';
import type { Unpacked, UnpackLimits } from './unpack-limits.ts';

/** What a stream says that was ended because another one failed. */
const PREMATURE = 'ERR_STREAM_PREMATURE_CLOSE';
/** The same from the streams of the tar parser: the archive ends within an entry. */
const CUT_OFF: readonly (string | null)[] = ['STREAM_DESTROYED', 'PREMATURE_CLOSE'];

/** How far the archive has been read. */
interface Reading {
  /** Name of the entry at hand, as the archive has it. */
  entry: string;
  sourceError: unknown;
}

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

/**
 * Unpacks a gzipped tar that a stranger may have made: only plain files and folders with portable names below the
 * folder, within the limits. Files are 0600, folders 0700, whatever the archive says.
 *
 * @param source is destroyed when the archive is refused
 * @param intoFolder absent or empty; removed after an error
 * @throws archive_invalid, archive_too_large (naming the entry), store_unavailable, or the source's own error
 */
export async function unpackArchive(
  source: Readable,
  intoFolder: string,
  limits: UnpackLimits,
): Promise<Unpacked> {
  await takeEmptyFolder(intoFolder);
  try {
    return await unpackInto(source, intoFolder, limits);
  } catch (error) {
    await rm(intoFolder, { recursive: true, force: true });
    throw storageFault(error, 'unpack an archive');
  }
}

/**
 * Makes the folder, or takes one that is empty.
 *
 * @throws unpack_failed when it holds something; store_unavailable
 */
export async function takeEmptyFolder(folder: string): Promise<void> {
  let found: readonly string[];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    found = await readdir(folder);
  } catch (error) {
    throw storageFault(error, 'unpack an archive');
  }
  if (found.length === 0) return;
  throw artifactError('unpack_failed', {
    what: `Nothing can be unpacked into ${folder}`,
    why: 'the folder is not empty',
  });
}

async function unpackInto(source: Readable, folder: string, limits: UnpackLimits): Promise<Unpacked> {
  const reading: Reading = { entry: '', sourceError: null };
  const entries = extract();
  const gunzip = createGunzip();
  const limit = limitBytes(limits.maxBytes, reading);
  // The pipeline gives its streams the errors of one another; only the first one says where it went wrong.
  let failed = false;
  const downstreamFailed = () => {
    failed = true;
  };
  source.once('error', (error) => {
    if (!failed) reading.sourceError = error;
  });
  gunzip.once('error', downstreamFailed);
  limit.once('error', downstreamFailed);
  entries.once('error', downstreamFailed);
  const feeding = pipeline(source, gunzip, limit, entries).then(
    () => null,
    (error: unknown) => error,
  );
  const names = nameGuard();
  let count = 0;
  let files = 0;
  let bytes = 0;
  let failure: unknown = null;
  try {
    for await (const entry of entries) {
      const { name, kind } = checkEntry(entry, names);
      reading.entry = entry.header.name;
      count += 1;
      if (count > limits.maxEntries) throw tooManyEntries(reading.entry, limits.maxEntries);
      if (entry.header.size > limits.maxBytes) throw tooManyBytes(reading.entry, limits.maxBytes);
      if (kind === 'file') {
        bytes += await writeEntry(entry, join(folder, name));
        files += 1;
      } else {
        if (name !== '') await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
        entry.resume();
      }
    }
  } catch (error) {
    failure = error;
    entries.destroy();
  }
  const feedError = await feeding;
  if (failure === null && feedError === null) return { files, bytes };
  throw rootCause(failure, feedError, reading);
}

/** Name inside the folder (without the `./` that many packers write) and kind of an entry. */
function checkEntry(
  { header }: Entry,
  names: ReturnType<typeof nameGuard>,
): { readonly name: string; readonly kind: 'file' | 'folder' } {
  const { type } = header;
  if (type !== 'file' && type !== 'directory') {
    throw refused(header.name, `it is a ${type ?? 'thing of an unknown kind'}, not a file or a folder`);
  }
  const kind = type === 'file' ? 'file' : 'folder';
  const plain = header.name.replace(/^\.(?:\/|$)/, '');
  const name = kind === 'folder' ? plain.replace(/\/$/, '') : plain;
  if (kind === 'folder' && name === '' && plain !== header.name) return { name, kind };
  const fault = sizeFault(header) ?? publishFault(name) ?? names.add(name, kind);
  if (fault !== null) throw refused(header.name, fault);
  return { name, kind };
}

/** Sizes and places that a header in front of the entry gives (pax) may be anything. */
function sizeFault({ size, pax }: Entry['header']): string | null {
  if (!Number.isSafeInteger(size) || size < 0) return 'its size is no number';
  return Object.keys(pax ?? {}).some((key) => key.startsWith('GNU.sparse'))
    ? 'it is a sparse file, not a plain one'
    : null;
}

async function writeEntry(entry: Entry, path: string): Promise<number> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const chunk of entry as AsyncIterable<Uint8Array>) {
      await file.writeFile(chunk);
      size += chunk.length;
    }
  } finally {
    await file.close();
  }
  return size;
}

function limitBytes(maxBytes: number, reading: Reading): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes) done(tooManyBytes(reading.entry, maxBytes));
      else done(null, chunk);
    },
  });
}

/** Of the errors that one broken archive sets off in every stream, the one that says what is wrong with it. */
function rootCause(failure: unknown, feedError: unknown, { entry, sourceError }: Reading): unknown {
  for (const error of [failure, feedError]) if (error instanceof TabbifyError) return error;
  if (sourceError !== null) return sourceError;
  const system = [failure, feedError].find(isSystemError);
  if (system) return system;
  const why = codeOf(feedError) === PREMATURE ? failure : (feedError ?? failure);
  return artifactError('archive_invalid', {
    what:
      entry === '' ? 'The archive cannot be read' : `The archive cannot be read after ${quotedName(entry)}`,
    why: messageOf(why),
    hint: 'Send a gzipped tar, e.g. `tar -C my-app -czf my-app.tgz .`.',
    cause: why,
  });
}

/** Not of the archive: zlib's codes begin with `Z_`, the tar parser's errors have none. */
function isSystemError(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && code !== PREMATURE && !CUT_OFF.includes(code) && !code.startsWith('Z_');
}

function refused(entry: string, why: string) {
  return artifactError('archive_invalid', {
    what: `The archive’s entry ${quotedName(entry)} is refused`,
    why,
    hint: 'Pack plain files and folders of the app only, with relative names.',
  });
}

function tooManyEntries(entry: string, maxEntries: number) {
  return tooLarge(entry, `there are more than ${maxEntries} entries`);
}

function tooManyBytes(entry: string, maxBytes: number) {
  return tooLarge(entry, `unpacked it is larger than ${maxBytes} bytes`);
}

function tooLarge(entry: string, why: string) {
  return artifactError('archive_too_large', {
    what: entry === '' ? 'The archive is too large' : `The archive is too large at ${quotedName(entry)}`,
    why,
    hint: 'Leave out what the app does not need, e.g. by `.tabbifyignore`.',
  });
}
