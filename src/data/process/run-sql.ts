import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { messageOf, TabbifyError, yieldMemoryToOthers } from '../../kit/index.ts';
import { openSqlDatabase, type SqlDatabase } from '../database/sql-database.ts';
import { dataError } from '../errors.ts';
import { frameOf, frameReader } from './frames.ts';
import { toWire, type WireError } from './protocol.ts';
import { type FromSql, SQL_FD, sharedNow, type ToSql } from './sql-protocol.ts';

/** Between 0, what everybody has, and 19 (nice(2)): where processors are short, visitors go first. */
const NICENESS = 5;

/**
 * The program in which the SQL of an app runs: one statement, or batch, after the other. It knows the database file, the socket
 * to the data process, and nothing else; it ends with that process, and is killed by it when a statement passes its deadline.
 *
 * @param path of the database file
 */
export function runSql(path: string): void {
  process.umask(0o077);
  yieldMemoryToOthers();
  setPriority(NICENESS);
  const socket = new Socket({ fd: SQL_FD, readable: true, writable: true });
  const say = (head: FromSql, body: string | null = null): void => {
    socket.write(frameOf(head, body));
  };
  const leave = (): never => process.exit(0);
  socket.on('error', leave).on('close', leave).on('end', leave);
  const database = open((error) => say({ said: 'failed', error: wireOf(error) }), path);
  if (database === null) return;
  const read = frameReader(({ head, body }) => {
    const message = head as ToSql;
    if (message.do === 'tidy') {
      database.tidy();
      say({ said: 'tidied', pages: database.pages() });
      return;
    }
    const mayCommit = (): boolean => {
      if (sharedNow() > message.deadline) return false;
      say({ said: 'committing' }); // handed to the kernel at once: it is read even if the disk hangs from here on
      return true;
    };
    try {
      const text = database.run(body, message.max_pages, mayCommit);
      say({ said: 'done', pages: database.pages() }, text);
    } catch (error) {
      say({ said: 'refused', error: wireOf(error), pages: database.pages() });
    }
  });
  socket.on('data', read);
  say({ said: 'open', pages: database.pages() });
}

function open(fail: (error: unknown) => void, path: string): SqlDatabase | null {
  try {
    return openSqlDatabase(path);
  } catch (error) {
    fail(error);
    return null;
  }
}

function wireOf(error: unknown): WireError {
  if (error instanceof TabbifyError) return toWire(error);
  const failure = dataError('data_unavailable', {
    what: "The app's database cannot be used",
    why: messageOf(error),
    hint: 'See "When something is wrong" in docs/data.md',
  });
  return toWire(failure);
}
