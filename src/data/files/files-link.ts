import type { Duplex } from 'node:stream';
import { frameOf, frameReader } from '../process/frames.ts';
import type { FileReply, FileRequest } from './requests.ts';

/** What was answered, and what was read. */
export interface FilesAnswer {
  readonly reply: FileReply;
  readonly bytes: Uint8Array;
}

/** A connection over which files are asked for: the other end of `serveFiles`. */
export interface FilesLink {
  /** Rejects when the connection ends first. */
  call(request: FileRequest, bytes?: Uint8Array | null): Promise<FilesAnswer>;
  /** Is it over? All handles it had are closed then. */
  readonly isOver: boolean;
  close(): void;
}

/** Where files are asked for: in the app API, by an HTTP upgrade (RFC 9110 §7.8) to the protocol of this name. */
export const FILES_PATH = '/v1/files';
export const FILES_PROTOCOL = 'tabbify-files';
const HEAD_END = '\r\n\r\n';
const MAX_HEAD = 16 * 1024;

/**
 * Asks at the app API for files.
 *
 * @param stream to `http://tabbify.internal`; it is its from now on
 * @throws when it is refused
 */
export function openFilesLink(stream: Duplex): Promise<FilesLink> {
  stream.on('error', () => {}); // its close says the rest
  stream.write(
    `GET ${FILES_PATH} HTTP/1.1\r\nhost: tabbify.internal\r\nconnection: upgrade\r\nupgrade: ${FILES_PROTOCOL}\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const fail = (why: string): void => {
      stream.destroy();
      reject(new Error(why));
    };
    const gone = (): void => reject(new Error('the connection ended'));
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf(HEAD_END);
      if (end < 0) {
        if (received.length > MAX_HEAD) fail('that is no answer of the app API');
        return;
      }
      stream.off('data', take).off('close', gone);
      if (!received.toString('latin1', 0, end).startsWith('HTTP/1.1 101 ')) fail('the app API refuses');
      else resolve(linkOver(stream, received.subarray(end + HEAD_END.length)));
    };
    stream.on('data', take).once('close', gone);
    if (stream.destroyed) gone();
  });
}

function linkOver(stream: Duplex, first: Buffer): FilesLink {
  const pending = new Map<number, PromiseWithResolvers<FilesAnswer>>();
  let last = 0;
  const read = frameReader(({ head, body }) => {
    const { id, ...reply } = head as { readonly id: number } & FileReply;
    pending.get(id)?.resolve({ reply, bytes: body });
    pending.delete(id);
  });
  const take = (chunk: Buffer): void => {
    try {
      read(chunk);
    } catch {
      stream.destroy();
    }
  };
  stream.on('data', take);
  stream.once('end', () => stream.destroy());
  stream.once('close', () => {
    for (const each of pending.values()) each.reject(new Error('the connection ended'));
    pending.clear();
  });
  if (first.length > 0) take(first);
  return {
    call(request, bytes = null) {
      const asked = Promise.withResolvers<FilesAnswer>();
      if (stream.destroyed) asked.reject(new Error('the connection ended'));
      else {
        pending.set(++last, asked);
        stream.write(frameOf({ id: last, ...request }, bytes));
      }
      return asked.promise;
    },
    get isOver() {
      return stream.destroyed;
    },
    close: () => void stream.destroy(),
  };
}
