import type { ServerResponse } from 'node:http';
import { cutFrame, HEARTBEAT, OPENING } from './sse-frames.ts';
import type { Turns } from './turns.ts';

/** Frames are joined up to here into one write, so that a connection that moves is seen to move. */
const WRITE_BYTES = 64 * 1024;
/** Milliseconds that a last frame gets to leave before the connection is broken. */
const LAST_FRAME_MS = 1_000;

export interface ConnectionBounds {
  /** Bytes that may wait for the socket; above it nothing more is taken from the subscription. */
  readonly bufferedBytes: number;
  /** A socket that has taken nothing for so long (ms), although something waits, is cut off. */
  readonly stalledAfterMs: number;
  /** Milliseconds between comments on a quiet stream, so that both ends notice a dead connection. */
  readonly heartbeatMs: number;
}

/** The reader's end of a stream: frames in, in order, and what the socket takes of them. */
export interface SseConnection {
  /** Position of the last event that the socket has taken. */
  readonly taken: number;
  /** Bytes that wait for the socket. */
  readonly waiting: number;
  /** More than the bound waits: take nothing more before `room`. */
  readonly full: boolean;
  /** @param position of the event that the frame is; 0 for others */
  send(frame: Uint8Array, position: number): void;
  /** Resolves when less than half of the bound waits, or when the connection has ended. */
  room(): Promise<void>;
  /** What was sent, then the end. */
  end(): void;
  /** What the socket was given already, then a frame that says why, then the end. Later calls do nothing. */
  cut(why: string): void;
}

/**
 * @param after position of the last event that the reader has already
 * @param stalled called once when the socket takes nothing any more
 * @param now milliseconds, monotonic
 */
export function sseConnection(
  response: ServerResponse,
  after: number,
  bounds: ConnectionBounds,
  turns: Turns,
  stalled: () => void,
  now: () => number = () => performance.now(),
): SseConnection {
  /** What is written in the next turn, and the position of the event that each frame is. */
  let frames: Uint8Array[] = [];
  let positions: number[] = [];
  let pendingBytes = 0;
  let unsent = 0; // written, but not taken by the socket yet
  let written = after; // position of the last event that was written
  let taken = after;
  let movedAt = now();
  let over = false;
  let wanted: (() => void) | null = null;

  const waiting = () => pendingBytes + unsent;
  const move = () => {
    movedAt = now();
    if (wanted === null || (!over && waiting() > bounds.bufferedBytes / 2)) return;
    wanted();
    wanted = null;
  };
  const write = (bytes: Uint8Array) => {
    const upTo = written;
    if (unsent === 0) movedAt = now();
    unsent += bytes.length;
    response.write(bytes, () => {
      unsent -= bytes.length;
      taken = upTo;
      move();
    });
  };
  const flush = () => {
    if (over) return;
    let first = 0;
    let size = 0;
    for (let index = 0; index < frames.length; index++) {
      size += frames[index]?.length ?? 0;
      written = Math.max(written, positions[index] ?? 0);
      if (size < WRITE_BYTES && index < frames.length - 1) continue;
      const [only] = frames;
      const alone = frames.length === 1 && only !== undefined;
      write(alone ? only : Buffer.concat(frames.slice(first, index + 1), size));
      first = index + 1;
      size = 0;
    }
    forget();
  };
  const forget = () => {
    frames = [];
    positions = [];
    pendingBytes = 0;
  };
  const finish = () => {
    over = true;
    forget();
    clearInterval(pulse);
    move();
  };
  const beat = () => {
    const quietMs = now() - movedAt;
    if (unsent > 0) {
      if (quietMs >= bounds.stalledAfterMs) stalled();
    } else if (quietMs >= bounds.heartbeatMs) write(HEARTBEAT);
  };
  const pulse = setInterval(beat, Math.min(bounds.heartbeatMs, bounds.stalledAfterMs) / 4).unref();
  response.on('close', finish);
  write(OPENING);

  return {
    get taken() {
      return taken;
    },
    get waiting() {
      return waiting();
    },
    get full() {
      return waiting() >= bounds.bufferedBytes;
    },
    send(frame, position) {
      if (over) return;
      frames.push(frame);
      positions.push(position);
      pendingBytes += frame.length;
      turns.ask(flush);
    },
    room() {
      if (over || waiting() <= bounds.bufferedBytes / 2) return Promise.resolve();
      return new Promise((resolve) => {
        wanted = resolve;
      });
    },
    end() {
      if (over) return;
      flush();
      finish();
      response.end();
    },
    cut(why) {
      if (over) return;
      finish();
      response.end(cutFrame(written, why));
      setTimeout(() => response.destroy(), LAST_FRAME_MS).unref();
    },
  };
}
