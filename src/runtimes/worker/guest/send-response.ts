import type { ServerResponse } from 'node:http';
import { report } from '../../boxed/guest/report.ts';
import type { LightResponses } from './light-response.ts';
import type { PlainFields } from './plain-init.ts';

/** What is written of an answer, whoever's class it is of. */
export interface Answer {
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Fields about the connection and the framing, which are this side's to choose. */
const FRAMING = new Set([
  ...['connection', 'content-length', 'keep-alive', 'proxy-connection'],
  ...['transfer-encoding', 'upgrade'],
]);
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;

/**
 * Writes an answer. A body of known length says so, whatever the app says of it; a stream goes out as it comes, at the pace of
 * its reader, and is cancelled when that goes. A stream that fails breaks the connection, and why is written to stderr.
 *
 * @throws TypeError of an answer that cannot be written; nothing of it has been by then
 */
export function sendResponse(answer: Answer, light: LightResponses, outgoing: ServerResponse): void {
  const parts = light.partsOf(answer);
  if (parts === null) {
    sendStream(answer, light.lengthOf(answer), outgoing);
    return;
  }
  const { status, fields, body } = parts;
  const length = body === null ? lengthOfNothing(status, outgoing) : Buffer.byteLength(body);
  outgoing.writeHead(status, wireFields(fields instanceof Headers ? fields : Object.entries(fields), length));
  if (body === null) outgoing.end();
  else outgoing.end(body);
}

function sendStream(
  { status, headers, body }: Answer,
  length: number | null,
  outgoing: ServerResponse,
): void {
  if (body && typeof body.getReader !== 'function') throw new TypeError('the body of a Response is a stream');
  const reader = body?.getReader() ?? null; // throws for a body that has been read
  outgoing.writeHead(
    status,
    wireFields(headers, reader === null ? lengthOfNothing(status, outgoing) : length),
  );
  if (reader === null || outgoing.req.method === 'HEAD') {
    outgoing.end();
    reader?.cancel().catch(() => {}); // nobody is there for what it would say
    return;
  }
  outgoing.flushHeaders();
  void pump(reader, outgoing);
}

/** Null: the app may say how long a body would be, or there is none by the status. */
function lengthOfNothing(status: number, { req }: ServerResponse): number | null {
  return req.method === 'HEAD' || status === NO_CONTENT || status === NOT_MODIFIED ? null : 0;
}

/**
 * Names and values in turn, as `writeHead` takes them.
 *
 * @param length of the body in bytes; null: not known, so that the app's word counts
 */
function wireFields(fields: Iterable<readonly [string, string]>, length: number | null): string[] {
  const wire: string[] = [];
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    const isLength = lower === 'content-length' && length === null && /^\d+$/.test(value);
    if (isLength || !FRAMING.has(lower)) wire.push(lower, value);
  }
  if (length !== null) wire.push('content-length', String(length));
  return wire;
}

/** Does the app say something of the connection or the framing? */
export function isFramed(fields: PlainFields): boolean {
  for (const name in fields) if (FRAMING.has(name)) return true;
  return false;
}

async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  outgoing: ServerResponse,
): Promise<void> {
  let onRoom: () => void = () => {};
  outgoing.on('drain', () => onRoom());
  outgoing.once('close', () => {
    reader.cancel().catch(() => {}); // the reader of the answer has gone, or it is whole
    onRoom();
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (outgoing.write(value)) continue;
      await new Promise<void>((resolve) => {
        onRoom = resolve;
        if (outgoing.destroyed) resolve();
      });
    }
    outgoing.end();
  } catch (error) {
    report(error);
    outgoing.destroy();
  }
}
