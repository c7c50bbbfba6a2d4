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
    for (const told of read(chunk)) onTold(told);
  });
  socket.on('close', () => exit(1));
  socket.on('error', () => exit(1));
  return {
    say: (message) => new Promise((resolve) => socket.write(`${stringify(message)}\n`, () => resolve())),
    release: () => void socket.unref(),
  };
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
