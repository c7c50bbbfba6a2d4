import type { Socket } from 'node:net';
import { type Frame, frameOf } from '../process/frames.ts';
import { fileCodeOf } from './file-failure.ts';
import { type FileAnswer, type FileSession, openFileSession } from './file-session.ts';
import type { FileTree } from './file-tree.ts';
import { fileRequestOf } from './requests.ts';

/** A connection that asks for files and nothing else. */
export interface FilesConnection {
  /** A frame that came. */
  take(frame: Frame): void;
  /** Is every call answered? */
  isIdle(): boolean;
  /** Takes nothing more, and ends the connection when what it has taken is answered. */
  leave(): void;
}

/**
 * Answers calls for files over a connection that an app has, through its runner: from here on nothing else can be asked on it, and nothing that
 * comes is believed. Who does not read the answers is not asked for more.
 *
 * @param openTree called with the first call
 */
export function serveFiles(stream: Socket, openTree: () => FileTree): FilesConnection {
  const waiting: Frame[] = [];
  let session: FileSession | null = null;
  let underWay = 0;
  let isLeaving = false;

  stream.on('drain', pump);
  stream.once('close', () => {
    waiting.length = 0;
    session?.close();
  });

  function pump(): void {
    while (!stream.destroyed && !stream.writableNeedDrain) {
      const next = waiting.shift();
      if (next === undefined) break;
      answer(next);
    }
    if (waiting.length > 0) stream.pause();
    else stream.resume();
    if (isLeaving && isIdle()) stream.destroySoon();
  }

  function isIdle(): boolean {
    return underWay === 0 && waiting.length === 0;
  }

  function answer({ head, body }: Frame): void {
    const asked = head as Readonly<Record<string, unknown>> | null;
    const id = asked?.id;
    if (asked === null || !Number.isSafeInteger(id)) {
      stream.destroy(); // not one of ours
      return;
    }
    const reply = ({ reply: said, bytes }: FileAnswer): void => {
      if (!stream.destroyed) stream.write(frameOf({ id, ...said }, bytes ?? null));
    };
    try {
      session ??= openFileSession(openTree());
      const outcome = session.run(fileRequestOf(asked), body);
      if (!(outcome instanceof Promise)) {
        reply(outcome);
        return;
      }
      underWay++;
      void outcome.then((said) => {
        underWay--;
        reply(said);
        pump();
      });
    } catch (error) {
      reply({ reply: { error: fileCodeOf(error) } });
    }
  }

  return {
    take(frame) {
      if (!isLeaving) waiting.push(frame);
      pump();
    },
    isIdle,
    leave() {
      isLeaving = true;
      pump();
    },
  };
}
