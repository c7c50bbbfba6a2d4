import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, syncDirectory } from '../../kit/index.ts';

/** Bytes of a key for AES-256. */
const KEY_BYTES = 32;

/**
 * What a directory of keys says by its file names alone: `<hash>.<n>.key` is a living key, `<hash>.<n>.erasing` one whose
 * destruction has begun, `<hash>.<n>.gone` the tombstone. So damage inside a file never makes a destroyed key look lost, or
 * a lost one destroyed. `<hash>` is the SHA-256 of the key's name, n its generation.
 */
const FILE_NAME = /^(?<hash>[0-9a-f]{64})\.(?<generation>[1-9]\d{0,8})\.(?<kind>key|erasing|gone)$/;

/** The generations of one name that a directory knows. */
export interface Generations {
  /** The one that lives; 0: none. */
  live: number;
  /** Up to here all are destroyed; 0: none was. */
  gone: number;
}

/** A key's file. `check` tells a flipped bit from the key that was written. */
interface KeyFile {
  readonly name: string;
  readonly generation: number;
  /** Base64. */
  readonly key: string;
  /** SHA-256 over the three above, hex. */
  readonly check: string;
}

export function hashOfName(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/**
 * Opens a directory of keys: makes it (0700), ends destructions that were cut short and removes what a killed writer left.
 *
 * @returns the generations by hash of the name
 */
export async function openKeyFiles(directory: string): Promise<Map<string, Generations>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const found = new Map<string, Generations>();
  for (const file of await readdir(directory)) {
    const { hash = '', generation, kind } = FILE_NAME.exec(file)?.groups ?? {};
    if (file.endsWith('.tmp')) await rm(join(directory, file), { force: true });
    if (kind === undefined) continue;
    const known = found.get(hash) ?? { live: 0, gone: 0 };
    if (kind === 'key') known.live = Math.max(known.live, Number(generation));
    else known.gone = Math.max(known.gone, Number(generation));
    found.set(hash, known);
    if (kind === 'erasing') await finishDestroying(directory, hash, Number(generation));
  }
  for (const [hash, known] of found) {
    if (known.live === 0 || known.live > known.gone) continue;
    // Put back from a copy after it was destroyed: destroyed keys never come back.
    await beginDestroying(directory, hash, known.live);
    await finishDestroying(directory, hash, known.live);
    known.live = 0;
  }
  return found;
}

/**
 * Makes the key of a generation; when another was faster, reads that one.
 *
 * @throws the file system's error, or what `readKeyFile` says
 */
export async function createKeyFile(directory: string, name: string, generation: number): Promise<Buffer> {
  const hash = hashOfName(name);
  const file = pathOf(directory, hash, generation, 'key');
  const temporary = `${file}.${randomUUID()}.tmp`;
  const key = randomBytes(KEY_BYTES);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(textOf(name, generation, key));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, file); // unlike a rename it does not replace the key of who was faster
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readKeyFile(directory, name, generation);
  } finally {
    await rm(temporary, { force: true });
    await syncDirectory(directory);
  }
  return key;
}

/** @throws Error that says what is wrong with the file: it is away, or its content is not what was written */
export async function readKeyFile(directory: string, name: string, generation: number): Promise<Buffer> {
  const text = await readFile(pathOf(directory, hashOfName(name), generation, 'key'), 'utf8').catch(
    (cause) => {
      throw new Error(`its key cannot be read (${messageOf(cause)})`, { cause });
    },
  );
  const key = keyOf(text, name, generation);
  if (key === null) throw new Error('its key is damaged on disk');
  return key;
}

/**
 * Decides that a key is destroyed: whatever happens after this, its generation is gone. It takes no room, so that a key
 * can be destroyed on a full disk. `finishDestroying` follows.
 */
export async function beginDestroying(directory: string, hash: string, generation: number): Promise<void> {
  const erasing = pathOf(directory, hash, generation, 'erasing');
  try {
    await rename(pathOf(directory, hash, generation, 'key'), erasing);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Lost, or an earlier try came so far: only the tombstone is missing.
    await (await open(erasing, 'a', 0o600)).close();
  }
  await syncDirectory(directory);
}

/** Overwrites the key before its file becomes the tombstone; may be repeated. */
export async function finishDestroying(directory: string, hash: string, generation: number): Promise<void> {
  const erasing = pathOf(directory, hash, generation, 'erasing');
  const handle = await open(erasing, 'r+');
  try {
    const { size } = await handle.stat();
    await handle.write(randomBytes(size), 0, size, 0);
    await handle.sync();
    await handle.truncate(0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(erasing, pathOf(directory, hash, generation, 'gone'));
  if (generation > 1) await rm(pathOf(directory, hash, generation - 1, 'gone'), { force: true });
  await syncDirectory(directory);
}

function pathOf(
  directory: string,
  hash: string,
  generation: number,
  kind: 'key' | 'erasing' | 'gone',
): string {
  return join(directory, `${hash}.${generation}.${kind}`);
}

function textOf(name: string, generation: number, key: Buffer): string {
  const content = { name, generation, key: key.toString('base64') };
  return `${JSON.stringify({ ...content, check: checkOf(content) } satisfies KeyFile)}\n`;
}

function keyOf(text: string, name: string, generation: number): Buffer | null {
  try {
    const file = JSON.parse(text) as KeyFile;
    const isWhole = file.name === name && file.generation === generation && file.check === checkOf(file);
    return isWhole ? Buffer.from(file.key, 'base64') : null;
  } catch {
    return null; // not JSON any more
  }
}

function checkOf({ name, generation, key }: Omit<KeyFile, 'check'>): string {
  return createHash('sha256')
    .update(JSON.stringify([name, generation, key]))
    .digest('hex');
}
