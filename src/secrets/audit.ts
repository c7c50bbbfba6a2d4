import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type Clock, isoNow, messageOf, TabbifyError } from '../kit/index.ts';
import { secretsError } from './errors.ts';

/**
 * What is done with secrets. `revealed`: a value left the store for a host that starts an app; version 0: there was none.
 * `refused`: a host asked for what it may not have.
 */
export type AuditAction =
  | 'registered'
  | 'rotated'
  | 'deleted'
  | 'revealed'
  | 'refused'
  | 'master_key_rotated'
  | 'audit_tail_cut';

export interface AuditEntry {
  readonly action: AuditAction;
  /** Office; empty where it concerns all of them. */
  readonly tenant: string;
  /** Of the secret; empty where it concerns all of them. */
  readonly name: string;
  /** Of the secret; 0 where there is none. */
  readonly version: number;
  readonly actor: string;
  /** What for, in words; never anything of a value. */
  readonly purpose: string;
}

/** An entry as it stands in the file. */
export interface AuditLine extends AuditEntry {
  /** 1, 2, 3 … */
  readonly line: number;
  /** RFC 3339. */
  readonly time: string;
  /** `hash` of the line before; of the first: zeros. */
  readonly prev: string;
  /** SHA-256 over all the others, hex. */
  readonly hash: string;
}

export interface AuditReport {
  /** Lines that are whole and follow on each other. */
  readonly lines: number;
  /** The first that does not, counted from 1; null: there is none. */
  readonly broken: { readonly line: number; readonly why: string } | null;
}

/** What was done with secrets, in a file of its own (CONTRACTS §11). One process writes it. */
export interface Audit {
  /** Resolves when it is on disk. @throws audit_unwritable: then nothing may be done */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** The last entries of an office, oldest first. */
  read(tenant: string, limit: number): Promise<AuditLine[]>;
  /** Entries of all offices since then, oldest first. @param since milliseconds since the epoch */
  since(since: number): Promise<AuditLine[]>;
  verify(): Promise<AuditReport>;
  close(): Promise<void>;
}

const BEGINNING = '0'.repeat(64);
/** More than a line can have. */
const TAIL_BYTES = 64 * 1024;
/** What is read first for the entries of the last minutes. */
const RECENT_BYTES = 4 << 20;
const NEWLINE = 10;

/**
 * Opens the file, or makes it. A line that a killed writer left half-written is cut off: what it was to announce was not
 * done, because it is written first.
 *
 * @throws audit_unwritable
 */
export async function openAudit(file: string, clock: Clock): Promise<Audit> {
  const handle = await open(file, 'a+', 0o600).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  let { size, last, cut } = await endOf(handle, file).catch(async (error: unknown) => {
    await handle.close();
    throw unwritable(file, error);
  });
  /** Behind `size` there may be a part of what could not be written. */
  let isTorn = false;
  const audit: Audit = {
    async append(entries) {
      let { line, hash: prev } = last;
      const text = entries
        .map((entry) => {
          line += 1;
          const rest = { line, time: isoNow(clock), ...entry, prev };
          prev = hashOf(rest);
          return `${JSON.stringify({ ...rest, hash: prev })}\n`;
        })
        .join('');
      const bytes = Buffer.from(text);
      try {
        await requireInPlace(handle, file);
        if (isTorn) await handle.truncate(size);
        isTorn = true;
        await handle.appendFile(bytes);
        await handle.datasync();
      } catch (error) {
        if (isTorn) isTorn = !(await cutTo(handle, size)); // or before the next line
        throw error instanceof TabbifyError ? error : unwritable(file, error);
      }
      isTorn = false;
      size += bytes.length;
      last = { line, hash: prev };
    },
    async read(tenant, limit) {
      const found: AuditLine[] = [];
      for await (const text of linesOf(file)) {
        const line = lineOf(text);
        if (line === null || line.tenant !== tenant) continue;
        found.push(line);
        if (found.length > limit) found.shift();
      }
      return found;
    },
    async since(since) {
      const recent = await linesFrom(handle, Math.max(0, size - RECENT_BYTES));
      const isAll = size <= RECENT_BYTES || Date.parse(recent[0]?.time ?? '') < since;
      const lines = isAll ? recent : await linesFrom(handle, 0);
      return lines.filter(({ time }) => Date.parse(time) >= since);
    },
    verify: () => verifyAudit(file),
    close: () => handle.close(),
  };
  if (cut > 0) {
    const purpose = `${cut} bytes of a line that was never finished`;
    await audit.append([
      { action: 'audit_tail_cut', tenant: '', name: '', version: 0, actor: 'system', purpose },
    ]);
  }
  return audit;
}

/** Reads a whole audit and says where it stops being what was written. The file need not be in use. */
export async function verifyAudit(file: string): Promise<AuditReport> {
  let lines = 0;
  let prev = BEGINNING;
  for await (const text of linesOf(file)) {
    const broken = (why: string): AuditReport => ({ lines, broken: { line: lines + 1, why } });
    const line = lineOf(text);
    if (line === null) return broken('it is not an entry');
    const { hash, ...rest } = line;
    if (hashOf(rest) !== hash) return broken('it was changed after it was written');
    if (rest.line !== lines + 1)
      return broken(`it is entry ${rest.line}: others before it are gone or came in`);
    if (rest.prev !== prev) return broken('it does not follow on the line before it');
    prev = hash;
    lines += 1;
  }
  return { lines, broken: null };
}

/** Whole lines from there on; of the one in whose middle that is, nothing. */
async function linesFrom(handle: FileHandle, from: number): Promise<AuditLine[]> {
  const { size } = await handle.stat();
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const texts = buffer.toString('utf8', 0, bytesRead).split('\n');
  return texts.flatMap((text) => lineOf(text) ?? []);
}

async function cutTo(handle: FileHandle, size: number): Promise<boolean> {
  try {
    await handle.truncate(size);
    return true;
  } catch {
    return false; // the caller has a better reason to tell
  }
}

/** What is written to a file that was moved away or removed nobody finds there again. @throws audit_unwritable */
async function requireInPlace(handle: FileHandle, file: string): Promise<void> {
  const open = await handle.stat();
  const there = await stat(file).catch(() => null);
  if (open.ino === there?.ino && open.dev === there.dev) return;
  throw secretsError('audit_unwritable', {
    what: `The audit of secrets ${file} was taken away`,
    why: there === null ? 'there is no such file any more' : 'another file is in its place',
    hint: 'Put it back; or start the gateway anew, which begins another one. Nothing is done with secrets until then',
  });
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

function lineOf(text: string): AuditLine | null {
  try {
    const line = JSON.parse(text) as AuditLine;
    return typeof line === 'object' && line !== null && typeof line.hash === 'string' ? line : null;
  } catch {
    return null;
  }
}

function hashOf({
  line,
  time,
  action,
  tenant,
  name,
  version,
  actor,
  purpose,
  prev,
}: Omit<AuditLine, 'hash'>) {
  const fields = [line, time, action, tenant, name, version, actor, purpose, prev];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** Where the last whole line ends and what it says; what comes after it is cut off. */
async function endOf(handle: FileHandle, file: string) {
  const { size } = await handle.stat();
  const from = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const tail = buffer.subarray(0, bytesRead);
  const end = tail.lastIndexOf(NEWLINE) + 1;
  const cut = tail.length - end;
  if (cut > 0) await handle.truncate(from + end);
  if (end === 0) return { size: from + end, last: { line: 0, hash: BEGINNING }, cut };
  const begin = tail.lastIndexOf(NEWLINE, end - 2) + 1;
  const text = tail.toString('utf8', begin, end - 1);
  const line = lineOf(text);
  const last =
    line !== null && Number.isSafeInteger(line.line)
      ? { line: line.line, hash: line.hash }
      : // damaged: it stays as it is, for `verify` to find
        { line: await countLines(file), hash: createHash('sha256').update(text).digest('hex') };
  return { size: from + end, last, cut };
}

async function countLines(file: string): Promise<number> {
  let count = 0;
  for await (const _ of linesOf(file)) count += 1;
  return count;
}

function unwritable(file: string, error: unknown) {
  return secretsError('audit_unwritable', {
    what: `The audit of secrets ${file} cannot be written`,
    why: messageOf(error),
    hint: 'Make room on the disk of the home; nothing is done with secrets until it can be written',
    cause: error,
  });
}
