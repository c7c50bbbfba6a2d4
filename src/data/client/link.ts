import { connect, type Socket } from 'node:net';
import { isAlive, signalProcess } from '../../kit/index.ts';
import { frameOf, frameReader } from '../process/frames.ts';
import {
  DATA_PROTOCOL,
  type DataReply,
  type DataRequest,
  type FromProcess,
  type Hello,
} from '../process/protocol.ts';
import { readRecord } from '../process/record.ts';

export interface Answer {
  readonly reply: Exclude<DataReply, { reply: 'again' }>;
  readonly body: Uint8Array;
}

/** A request on its way. */
export interface Asking {
  readonly request: DataRequest;
  readonly body: Uint8Array | null;
  resolve(answer: Answer): void;
  /** It was not begun: ask again elsewhere. */
  again(): void;
  /** The process has ended: it may have been carried out or not. */
  lost(): void;
}

/** A connection to a data process. */
export interface Link {
  send(asking: Asking): void;
  /** Requests without an answer. */
  pending(): number;
  /** Milliseconds since the process has said anything, or was last asked with nothing pending. */
  silentMs(): number;
  /** Ends a process that says nothing any more, and the connection. */
  kill(): void;
  close(): void;
}

/** Milliseconds to connect and be greeted. */
const GREETING_MS = 5_000;

/** `gone`: nobody serves there; `leaving`: whoever does is to be waited for; `newer`: of a later version of the platform. */
export type LinkTrouble = 'gone' | 'leaving' | 'newer';

/**
 * Connects to the data process of a folder and makes sure that it is the recorded one.
 *
 * @param dismissed no new request is to be sent on it
 */
export function openLink(options: {
  readonly folder: string;
  readonly socket: string;
  readonly dataMb: number;
  readonly dismissed: (link: Link) => void;
}): Promise<Link | LinkTrouble> {
  const { folder, dataMb } = options;
  return new Promise((resolve) => {
    const socket = connect(options.socket);
    const timer = setTimeout(() => socket.destroy(), GREETING_MS);
    let link: (Link & { hear(head: FromProcess, body: Uint8Array): void }) | null = null;
    const read = frameReader(({ head, body }) => {
      const said = head as FromProcess;
      if (said.reply !== 'hello') return link?.hear(said, body);
      clearTimeout(timer);
      link = linkOver(socket, said, () => link && options.dismissed(link));
      void judge(folder, said).then((trouble) => {
        if (trouble !== null) socket.destroy();
        else socket.write(frameOf({ op: 'open', data_mb: dataMb }));
        resolve(trouble ?? (link as Link));
      });
    });
    socket.on('error', () => {}); // its close says the rest
    socket.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve('gone');
    });
  });
}

/** Is this who it should be? An older process is asked to end; it answers what it has taken. */
async function judge(folder: string, hello: Hello): Promise<LinkTrouble | null> {
  const record = await readRecord(folder);
  if (record === null || record === 'unreadable' || record.nonce !== hello.nonce) return 'leaving';
  if (hello.protocol > DATA_PROTOCOL) return 'newer';
  if (hello.protocol === DATA_PROTOCOL) return null;
  signalProcess(hello, 'SIGTERM');
  return 'leaving';
}

function linkOver(socket: Socket, hello: Hello, dismissed: () => void) {
  const pending = new Map<number, Asking>();
  let lastId = 0;
  let lastHeard = performance.now();
  let isLeaving = false;
  socket.once('close', () => {
    dismissed();
    for (const asking of pending.values()) asking.lost();
    pending.clear();
  });

  function take(id: number): Asking | undefined {
    const asking = pending.get(id);
    pending.delete(id);
    if (isLeaving && pending.size === 0) socket.end();
    return asking;
  }

  return {
    send(asking: Asking): void {
      if (socket.destroyed || isLeaving) {
        asking.again();
        return;
      }
      if (pending.size === 0) lastHeard = performance.now();
      pending.set(++lastId, asking);
      socket.write(frameOf({ id: lastId, ...asking.request }, asking.body));
    },
    hear(said: FromProcess, body: Uint8Array): void {
      lastHeard = performance.now();
      if (said.reply === 'bye') {
        isLeaving = true;
        dismissed();
        for (const id of [...pending.keys()].filter((each) => each > said.taken)) take(id)?.again();
        if (pending.size === 0) socket.end();
        return;
      }
      if (said.reply === 'tick' || said.reply === 'hello') return;
      const { id, ...reply } = said;
      if (reply.reply === 'again') take(id)?.again();
      else take(id)?.resolve({ reply, body });
    },
    pending: () => pending.size,
    silentMs: () => performance.now() - lastHeard,
    kill(): void {
      if (isAlive(hello)) signalProcess(hello, 'SIGKILL');
      socket.destroy();
    },
    close: () => socket.destroy(),
  };
}
