import type { Duplex } from 'node:stream';
import { parseFigures } from './figures.ts';
import { type GuestMessage, type HostMessage, MAX_GUEST_LINE } from './protocol.ts';

const NEWLINE = 0x0a;

/** The host's end of the connection to a guest. */
export interface Control {
  say(message: HostMessage): void;
  /** Sends bytes that belong to the message before. */
  send(bytes: Uint8Array): void;
}

/**
 * Talks with a guest, which is not trusted: what is not of the protocol is not passed on.
 *
 * @param onWrong called once, with a text, for a guest that says something else; nothing is read from it after that
 */
export function openControl(
  stream: Duplex,
  onMessage: (message: GuestMessage) => void,
  onWrong: (why: string) => void,
): Control {
  let parts: Buffer[] = [];
  let length = 0;
  const stop = (why: string): void => {
    stream.removeAllListeners('data').resume();
    onWrong(why);
  };
  stream.on('error', () => {}); // its end is the end of the box, which is told elsewhere
  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      const line = Buffer.concat(parts);
      parts = [];
      length = 0;
      from = end + 1;
      const message = line.length <= MAX_GUEST_LINE ? parseGuestMessage(line.toString()) : null;
      if (message === null) return stop('it said what no guest says');
      onMessage(message);
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_GUEST_LINE) stop('it said more than a guest may in one line');
  });
  return {
    say: (message) => void stream.write(`${JSON.stringify(message)}\n`),
    send: (bytes) => void stream.write(bytes),
  };
}

/** Null: it is none. */
function parseGuestMessage(line: string): GuestMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { said, n, message, stack, reason, line: text, figures } = value as Readonly<Record<string, unknown>>;
  switch (said) {
    case 'warm':
    case 'taken':
    case 'ready':
    case 'stopped':
      return { said };
    case 'pong':
      return typeof n === 'number' ? { said, n } : null;
    case 'health':
      return typeof n === 'number' && (typeof reason === 'string' || reason === null)
        ? { said, n, reason }
        : null;
    case 'figures':
      return typeof figures === 'object' && figures !== null
        ? { said, figures: parseFigures(figures as Readonly<Record<string, unknown>>) }
        : null;
    case 'log':
      return typeof text === 'string' ? { said, line: text } : null;
    case 'failed':
      return typeof message === 'string' && (typeof stack === 'string' || stack === null)
        ? { said, message, stack }
        : null;
    default:
      return null;
  }
}
