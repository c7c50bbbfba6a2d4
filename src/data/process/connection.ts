import type { Socket } from 'node:net';
import type { KeyReply, KeyRequest } from '../database/key-value.ts';
import type { FileTree } from '../files/file-tree.ts';
import { type FilesConnection, serveFiles } from '../files/serve-files.ts';
import { type Frame, frameOf, frameReader } from './frames.ts';
import type { KeyLane } from './key-lane.ts';
import {
  type DataReply,
  type DataRequest,
  type FromProcess,
  type Hello,
  type ToProcess,
  toWire,
} from './protocol.ts';
import type { SqlLane } from './sql-lane.ts';

/** What a connection needs of its process. */
export interface ConnectionContext {
  readonly hello: Hello;
  readonly keys: KeyLane;
  readonly sql: SqlLane;
  /** @throws what the system says */
  readonly openTree: () => FileTree;
  open(dataMb: number): void;
  /** A request came. */
  asked(): void;
  gone(): void;
}

export interface Connection {
  /** An app has it for files: who serves stays for it. */
  hasFiles(): boolean;
  /** Is every call for files answered? */
  isIdle(): boolean;
  /** Says that the process is at work, if this one waits for an answer. */
  tick(): void;
  /** Takes nothing more and says so. @returns when that has been sent, or nobody is there */
  leave(): Promise<void>;
}

/** Serves one runner, or whoever else uses the data: answers come as they are ready, not in the order of requests. */
export function serveConnection(stream: Socket, context: ConnectionContext): Connection {
  const { hello, keys, sql } = context;
  let pending = 0;
  let taken = 0;
  let isLeaving = false;
  let files: FilesConnection | null = null;
  stream.on('error', () => {}); // its close says the rest
  stream.once('close', context.gone);
  const send = (head: FromProcess, body: Uint8Array | string | null = null): void => {
    if (!stream.destroyed) stream.write(frameOf(head, body));
  };
  const answer = (id: number, reply: DataReply, body: Uint8Array | string | null = null): void => {
    pending--;
    send({ id, ...reply }, body);
  };
  const read = frameReader(take);
  stream.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      stream.destroy(); // not one of ours
    }
  });
  send(hello);

  function take({ head, body }: Frame): void {
    if (isLeaving) return;
    if (files !== null) {
      context.asked();
      files.take({ head, body });
      return;
    }
    const request = head as ToProcess;
    if (request.op === 'open' || request.op === 'files') {
      context.open(request.data_mb);
      if (request.op === 'files') files = serveFiles(stream, context.openTree);
      return;
    }
    const { id } = request;
    taken = id;
    pending++;
    context.asked();
    if (request.op === 'sql') {
      sql.add({
        body: new Uint8Array(body), // alone in its memory: a part would bring the whole chunk along to the thread
        done: (text) => answer(id, { reply: 'sql' }, text),
        failed: (error) => answer(id, { reply: 'error', error: toWire(error) }),
        again: () => answer(id, { reply: 'again' }),
      });
    } else {
      keys.add({
        request: keyRequest(request, body),
        done: (reply) => answer(id, replyTo(reply), bodyOf(reply)),
      });
    }
  }

  return {
    hasFiles: () => files !== null,
    isIdle: () => files?.isIdle() ?? true,
    tick() {
      if (pending > 0) send({ reply: 'tick' });
    },
    leave() {
      isLeaving = true;
      if (stream.destroyed) return Promise.resolve();
      if (files !== null) {
        files.leave();
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        stream.once('close', () => resolve());
        stream.write(frameOf({ reply: 'bye', taken }), () => resolve());
      });
    },
  };
}

function keyRequest(request: Exclude<DataRequest, { op: 'sql' }>, value: Uint8Array): KeyRequest {
  return request.op === 'put' ? { ...request, value } : request;
}

function replyTo(reply: KeyReply): DataReply {
  switch (reply.kind) {
    case 'value':
      if (reply.found === null) return { reply: 'none' };
      return { reply: 'value', revision: reply.found.revision, contentType: reply.found.contentType };
    case 'written':
      return { reply: 'written', revision: reply.revision };
    case 'conflict':
      return { reply: 'conflict', revision: reply.revision };
    case 'refused':
      return { reply: 'error', error: toWire(reply.error) };
    default:
      return { reply: reply.kind };
  }
}

function bodyOf(reply: KeyReply): Uint8Array | string | null {
  if (reply.kind === 'page') return JSON.stringify(reply.page);
  return reply.kind === 'value' ? (reply.found?.value ?? null) : null;
}
