import { QUERY_DEADLINE_MS } from '../limits.ts';

/** Milliseconds without a request after which a data process ends. */
const IDLE_MS = 5 * 60_000;

/** What a data process is started with; nothing of it is secret. */
export interface DataArguments {
  /** Holds the database files and the record. */
  readonly folder: string;
  /** Path of its socket, at most 107 bytes. */
  readonly socket: string;
  /** File descriptor that gets the line `ready` once it listens; null: nobody waits. */
  readonly readyFd: number | null;
  readonly idleMs: number;
  /** Milliseconds that a statement, or a batch, may take once it has begun. */
  readonly queryMs: number;
}

export function dataArguments({
  folder,
  socket,
  readyFd,
  idleMs,
  queryMs,
}: Partial<DataArguments>): readonly string[] {
  return [
    `--folder=${folder}`,
    `--socket=${socket}`,
    ...(readyFd === undefined ? [] : [`--ready-fd=${readyFd}`]),
    ...(idleMs === undefined ? [] : [`--idle-ms=${idleMs}`]),
    ...(queryMs === undefined ? [] : [`--query-ms=${queryMs}`]),
  ];
}

/** Reads back what `dataArguments` wrote. @throws when a part is missing */
export function parseDataArguments(argv: readonly string[]): DataArguments {
  const values = new Map(argv.map((each) => each.replace(/^--/, '').split(/=(.*)/s, 2) as [string, string]));
  const [folder, socket] = [values.get('folder'), values.get('socket')];
  if (!folder || !socket) throw new Error('a data process needs --folder and --socket: runners start it');
  const readyFd = values.get('ready-fd');
  const idleMs = Number(values.get('idle-ms') ?? IDLE_MS);
  const queryMs = Number(values.get('query-ms') ?? QUERY_DEADLINE_MS);
  return { folder, socket, readyFd: readyFd === undefined ? null : Number(readyFd), idleMs, queryMs };
}
