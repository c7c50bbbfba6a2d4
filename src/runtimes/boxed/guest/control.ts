import { readSync } from 'node:fs';
import { Socket } from 'node:net';
import { GUEST_FDS, type GuestMessage, MAX_GUEST_LINE } from '../protocol.ts';
import { controlReader, type Told } from './control-reader.ts';

/** The guest's end of the connection to its host. */
export interface Control {
  /** @returns when it is handed to the kernel */
  say(message: GuestMessage): Promise<void>;
  /** Lets the process end although the host may still say something. */
  release(): void;
}

/** What the app may have replaced by the time it is needed. */
const { stringify } = JSON;
const exit = process.exit.bind(process);

/**
 * Listens to the host. When the host has gone, this process has nobody to serve and ends.
 *
 * @param onTold gets each message as soon as it is complete
 */
export function openControl(onTold: (told: Told) => void): Control {
  const read = controlReader();
  const socket = new Socket({ fd: GUEST_FDS.control, readable: true, writable: true });
  socket.on('data', (chunk: Buffer) => {
    for (const told of read.take(chunk)) onTold(told);
    if (read.missing < MUCH) return;
    for (const told of read.take(readOut(read.missing))) onTold(told);
  });
  socket.on('close', () => exit(1));
  socket.on('error', () => exit(1));
  return {
    say: (message) => new Promise((resolve) => socket.write(`${stringify(message)}\n`, () => resolve())),
    release: () => void socket.unref(),
  };
}

/** Bytes of an app from which on they are read at once. */
const MUCH = 1 << 20;
/** Milliseconds after which it is looked for more. */
const PAUSE_MS = 0.2;

/**
 * Reads so many bytes of what the host sends. As events, in pieces of 64 KiB, the 14 MB of a TypeScript component take 80 ms; this takes 50, in
 * which nothing else has to be done.
 */
function readOut(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  const clock = new Int32Array(new SharedArrayBuffer(4));
  let length = 0;
  while (length < size) {
    try {
      const read = readSync(GUEST_FDS.control, bytes, length, size - length, null);
      if (read === 0) exit(1); // the host has gone
      length += read;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(clock, 0, 0, PAUSE_MS);
    }
  }
  return bytes;
}

/** Characters of a message or a stack that the host is told: a fourth of a line, as JSON may need six for one. */
const MAX_TEXT = MAX_GUEST_LINE / 16;

/** What the host is told of an app that could not be loaded, whatever was thrown. */
export function failedMessage(error: unknown): GuestMessage {
  const isError = error instanceof Error;
  const text = isError ? `${error.name}: ${error.message}` : String(error);
  const stack = isError && typeof error.stack === 'string' ? error.stack : null;
  return {
    said: 'failed',
    message: text.slice(0, MAX_TEXT),
    stack: stack === null ? null : stack.slice(0, MAX_TEXT),
  };
}
