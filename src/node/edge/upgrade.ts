import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { responseHeaders } from './response-head.ts';

/**
 * Answers 101 with what the app said, then joins the two connections until either ends.
 *
 * @returns ends both
 * @param open holds the visitor's socket meanwhile: the HTTP server has let go of it and would wait for it for ever
 * @param head bytes the visitor sent right behind its request
 */
export function joinSockets(
  visitor: Duplex,
  head: Buffer,
  upstream: Duplex,
  protocol: string,
  headers: IncomingHttpHeaders,
  underPathMount: boolean,
  open: Set<Duplex>,
): () => void {
  const kept = responseHeaders(headers, underPathMount);
  let text = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
  for (let index = 0; index < kept.length; index += 2) {
    const name = kept[index] as string;
    const value = kept[index + 1] as string | string[];
    for (const line of typeof value === 'string' ? [value] : value) text += `${name}: ${line}\r\n`;
  }
  visitor.write(`${text}\r\n`, 'latin1');
  if (head.length > 0) upstream.write(head);
  const end = () => {
    open.delete(visitor);
    visitor.destroy();
    upstream.destroy();
  };
  open.add(visitor);
  // `pipe` passes on bytes, back-pressure and the half-close; a broken side breaks the other
  visitor.on('error', end).on('close', end);
  upstream.on('error', end).on('close', end);
  visitor.pipe(upstream);
  upstream.pipe(visitor);
  return end;
}
