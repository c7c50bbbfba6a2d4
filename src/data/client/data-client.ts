import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { dataError, unavailable } from '../errors.ts';
import type { DataRequest } from '../process/protocol.ts';
import { readRecord } from '../process/record.ts';
import { openFilesSocket } from './files-socket.ts';
import { type Answer, type Link, type LinkTrouble, openLink } from './link.ts';
import { type DataProgram, startProcess } from './start-process.ts';

export interface DataClientOptions {
  /** Holds the data of one (app, environment). */
  readonly folder: string;
  /** Where a process is to listen that this client starts: `dataSocket` of the folder. */
  readonly socket: string;
  /** Quota in MiB, of keys, SQL and files together. */
  readonly dataMb: number;
  /** How the process is started when there is none. */
  readonly program: DataProgram;
}

/** Asks the data process of one (app, environment); starts it when it is needed and not there. */
export interface DataClient {
  /**
   * @param body value of a `put`, JSON of `sql`
   * @throws TabbifyError `data_unavailable`
   */
  call(request: DataRequest, body?: Uint8Array): Promise<Answer>;
  /**
   * Opens a connection on which an app may ask for its files and for nothing else (`openFilesLink`).
   *
   * @throws TabbifyError `data_unavailable`
   */
  openFiles(): Promise<Socket>;
  /** Leaves the process to others, and to itself. */
  close(): void;
}

/** Milliseconds for a process to be found or started. */
const REACH_MS = 25_000;
/** Milliseconds between two looks for a process that another is just starting. */
const LOOK_MS = 25;
/** Milliseconds after a start that failed in which none is tried. */
const PAUSE_MS = 1_000;
/** Milliseconds for an answer, the wait behind others included. */
const ANSWER_MS = 45_000;
/** Milliseconds of silence, of a process that says every second that it is at work, after which it is ended. */
const SILENT_MS = 15_000;
/** Times that a request which changes nothing is asked again when its process has ended. */
const MAX_TRIES = 3;

export function createDataClient(options: DataClientOptions): DataClient {
  const { folder, socket, dataMb, program } = options;
  const links = new Set<Link>();
  let current: Promise<Link> | null = null;
  let currentLink: Link | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;
  let failedFor = '';
  let isClosed = false;
  let watch: NodeJS.Timeout | null = null;

  function link(): Promise<Link> {
    if (current !== null) return current;
    const reaching = reach();
    current = reaching;
    reaching.catch(() => {
      if (current === reaching) current = null;
    });
    return reaching;
  }

  async function reach(): Promise<Link> {
    const found = await reachBy((at) => openLink({ folder, socket: at, dataMb, dismissed }));
    links.add(found);
    currentLink = found;
    return found;
  }

  /** Finds the process, or starts it. */
  async function reachBy<Found extends object>(
    open: (at: string) => Promise<Found | LinkTrouble>,
  ): Promise<Found> {
    const until = performance.now() + REACH_MS;
    while (!isClosed) {
      const record = await readRecord(folder);
      const at = typeof record === 'object' && record !== null ? record.socket : socket;
      const found = await open(at);
      if (typeof found === 'object') return found;
      if (found === 'newer') throw unavailable('it is served by a later version of the platform');
      if (performance.now() > until) throw unavailable('the process that serves it did not start');
      if (found === 'gone') await startOne();
      else await wait(LOOK_MS);
    }
    throw unavailable('whoever asked is ending');
  }

  async function startOne(): Promise<void> {
    if (performance.now() - failedAt < PAUSE_MS) throw unavailable(failedFor);
    const outcome = await startProcess(folder, socket, program);
    if (outcome === 'ready') return;
    if (outcome === 'locked') return wait(LOOK_MS);
    failedAt = performance.now();
    failedFor = `the process that serves it does not start: ${outcome.failed}`;
    throw unavailable(failedFor);
  }

  function dismissed(gone: Link): void {
    if (gone === currentLink) {
      current = null;
      currentLink = null;
    }
    if (gone.pending() === 0) links.delete(gone);
  }

  function look(): void {
    for (const each of links) {
      if (each.pending() > 0 && each.silentMs() > SILENT_MS) each.kill();
    }
    if ([...links].every((each) => each.pending() === 0) && watch !== null) {
      clearInterval(watch);
      watch = null;
    }
  }

  return {
    openFiles: () => reachBy((at) => openFilesSocket({ folder, socket: at, dataMb })),
    call(request, body) {
      return new Promise((resolve, reject) => {
        let tries = 0;
        const late = setTimeout(() => fail(unavailable('too much is to be done before it')), ANSWER_MS);
        let isSettled = false;
        const settle = (): void => {
          isSettled = true;
          clearTimeout(late);
        };
        const fail = (error: unknown): void => {
          settle();
          reject(error);
        };
        const ask = (): void => {
          if (isSettled) return;
          link().then(
            (to) =>
              to.send({
                request,
                body: body ?? null,
                resolve(answer) {
                  settle();
                  resolve(answer);
                },
                again: () => setImmediate(ask), // its close may not have been told yet
                lost() {
                  const isHarmless = request.op === 'get' || request.op === 'list';
                  if (isHarmless && ++tries < MAX_TRIES && !isClosed) ask();
                  else fail(unavailable('the process that serves it ended'));
                },
              }),
            fail,
          );
        };
        if (isClosed) return fail(dataError('data_unavailable', { what: 'Whoever asked is ending' }));
        watch ??= setInterval(look, 1_000).unref();
        ask();
      });
    },
    close() {
      isClosed = true;
      if (watch !== null) clearInterval(watch);
      for (const each of links) each.close();
      links.clear();
    },
  };
}
