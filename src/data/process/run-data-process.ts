import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { messageOf, startTimeOf, yieldMemoryToOthers } from '../../kit/index.ts';
import { FILES_FOLDER } from '../client/layout.ts';
import { type KeyValue, openKeyValue } from '../database/key-value.ts';
import { FileTree } from '../files/file-tree.ts';
import { DEFAULT_DATA_MB, PAGE_BYTES } from '../limits.ts';
import { parseDataArguments } from './arguments.ts';
import { type Connection, serveConnection } from './connection.ts';
import { createKeyLane } from './key-lane.ts';
import { DATA_PROTOCOL, type Hello } from './protocol.ts';
import { readRecord, saveRecord } from './record.ts';
import { createSqlLane } from './sql-lane.ts';

/** Exit codes of sysexits.h. */
const LOCKED_EXIT = 75; // EX_TEMPFAIL: another process serves this data
const CANNOT_OPEN_EXIT = 74; // EX_IOERR

const RECORD_CHECK_MS = 3_000;
const TICK_MS = 1_000;
const TIDY_MS = 5_000;
/** Milliseconds for clients to read what they were told, and to leave. */
const LEAVE_MS = 2_000;
/** SQLite's result code for a file that another process has locked. */
const BUSY = 5;
const PAGES_PER_MB = (1024 * 1024) / PAGE_BYTES;

/**
 * The program of a data process (CONTRACTS §9): it alone has the database files of one (app, environment) open, serves them over a
 * unix socket, and outlives whoever started it. It ends by itself when nobody asked for anything for a while, when its folder or
 * record is gone; whoever needs it next starts another.
 *
 * @param program this module, which runs `runSql` when it is told to
 */
export async function runDataProcess(program: string): Promise<void> {
  process.umask(0o077);
  yieldMemoryToOthers();
  const { folder, socket, readyFd, idleMs, queryMs } = parseDataArguments(process.argv.slice(2));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const store = openOrExit(join(folder, 'kv.db'));
  // From here on no other process serves this folder: the system's lock says so, whatever record and socket say.
  const nonce = randomUUID();
  const record = {
    format: 1,
    pid: process.pid,
    start_time: startTimeOf(process.pid),
    nonce,
    socket,
  } as const;
  const hello: Hello = {
    reply: 'hello',
    protocol: DATA_PROTOCOL,
    nonce,
    pid: record.pid,
    start_time: record.start_time,
    files: true,
  };
  await saveRecord(folder, record);

  const sqlPath = join(folder, 'sql.db');
  const connections = new Set<Connection>();
  let quotaPages = DEFAULT_DATA_MB * PAGES_PER_MB;
  let lastAsked = Date.now();
  let isEnding = false;
  const filesPath = join(folder, FILES_FOLDER);
  // Counted now, so that keys and SQL leave room for what is there.
  let tree: FileTree | null = existsSync(filesPath) ? treeOrNull() : null;
  const filePages = (): number => Math.ceil((tree?.bytes ?? 0) / PAGE_BYTES);
  const keys = createKeyLane(store, () => quotaPages - sql.pages() - filePages());
  const sql = createSqlLane({
    program,
    path: sqlPath,
    queryMs,
    pages: pagesOfFile(sqlPath),
    maxPages: () => quotaPages - store.pages() - filePages(),
  });
  const isIdle = (): boolean =>
    keys.isIdle() && sql.isIdle() && [...connections].every((connection) => connection.isIdle());

  const server = createServer((stream) => {
    const connection = serveConnection(stream, {
      hello,
      keys,
      sql,
      openTree: () => {
        tree ??= openTree();
        return tree;
      },
      open: (dataMb) => {
        quotaPages = Math.max(1, Math.floor(dataMb * PAGES_PER_MB));
      },
      asked: () => {
        lastAsked = Date.now();
      },
      gone: () => {
        connections.delete(connection);
        if (isEnding && connections.size === 0) process.exit(0);
      },
    });
    connections.add(connection);
    if (isEnding) connection.leave();
  });
  await listen(server, socket);
  tellReady(readyFd);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);

  setInterval(() => {
    if (!isIdle()) for (const connection of connections) connection.tick();
    // What an app has open would be lost with this process.
    else if ([...connections].some((connection) => connection.hasFiles())) lastAsked = Date.now();
    else if (Date.now() - lastAsked >= idleMs) end();
  }, TICK_MS);
  setInterval(() => {
    if (!isIdle()) return;
    store.tidy();
    sql.tidy();
  }, TIDY_MS);
  setInterval(() => void look(), RECORD_CHECK_MS);

  function openTree(): FileTree {
    return new FileTree(filesPath, () => (quotaPages - store.pages() - sql.pages()) * PAGE_BYTES);
  }

  /** A folder that cannot be read keeps nobody from keys and SQL; who asks for files is told. */
  function treeOrNull(): FileTree | null {
    try {
      return openTree();
    } catch (error) {
      writeSync(2, `${filesPath} cannot be read: ${messageOf(error)}\n`);
      return null;
    }
  }

  /** Ends a process that nobody would find any more. */
  async function look(): Promise<void> {
    const found = await readRecord(folder);
    if (found === null || (found !== 'unreadable' && found.nonce !== nonce)) process.exit(0);
  }

  /** Answers what was taken, takes nothing more, and leaves. */
  function end(): void {
    if (isEnding) return;
    isEnding = true;
    server.close();
    for (const connection of connections) connection.leave();
    if (connections.size === 0) process.exit(0);
    setInterval(() => {
      if (isIdle()) setTimeout(() => process.exit(0), LEAVE_MS);
    }, TICK_MS);
  }
}

function openOrExit(path: string): KeyValue {
  try {
    return openKeyValue(path);
  } catch (error) {
    const isLocked = (error as { errcode?: number }).errcode === BUSY;
    if (!isLocked) writeSync(2, `${path} cannot be opened: ${messageOf(error)}\n`);
    process.exit(isLocked ? LOCKED_EXIT : CANNOT_OPEN_EXIT);
  }
}

function listen(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true }); // of a process before, which has lost the lock
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
}

function tellReady(fd: number | null): void {
  if (fd === null) return;
  try {
    writeSync(fd, 'ready\n');
  } catch {
    // whoever started it is gone: others will come
  }
}

function pagesOfFile(path: string): number {
  return Math.ceil((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / PAGE_BYTES);
}
