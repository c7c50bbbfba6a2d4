import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { responseOnSocket } from '../../kit/index.ts';
import { type Problem, sendProblem } from '../problem.ts';
import type { GuestDoor } from './exchange.ts';
import { answerHeaders, requestHeaders } from './hop-headers.ts';
import { ANSWER_INVALID, REQUEST_INVALID } from './problems.ts';

/** A name of a protocol, with its version (RFC 9110 §7.8). */
const PROTOCOL = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?$/;

/** Milliseconds for the last words of one side when the other has ended; no protocol here goes on one way for long. */
const HALF_OPEN_MS = 2_000;

/**
 * Passes a request on that asks for another protocol; once the app has agreed, bytes go both ways as they are.
 *
 * @param onBroken the guest gave no answer; says what to tell the visitor
 */
export function passUpgrade(
  door: GuestDoor,
  request: IncomingMessage,
  visitor: Duplex,
  head: Buffer,
  onBroken: (error: Error) => Promise<Problem>,
): void {
  const protocol = request.headers.upgrade ?? '';
  visitor.on('error', () => {}); // its close says it
  if (!PROTOCOL.test(protocol)) {
    refuseUpgrade(request, visitor, REQUEST_INVALID);
    return;
  }
  const outgoing = httpRequest({
    socketPath: door.path,
    method: request.method,
    path: request.url,
    headers: [...requestHeaders(request, false), 'Connection', 'Upgrade', 'Upgrade', protocol],
    agent: false,
  });
  const left = (): void => void outgoing.destroy();
  visitor.once('close', left);
  outgoing.on('upgrade', (answer, guest, guestHead) => {
    visitor.removeListener('close', left);
    if (visitor.destroyed || answer.headers.upgrade?.toLowerCase() !== protocol.toLowerCase()) {
      guest.destroy();
      if (!visitor.destroyed) refuseUpgrade(request, visitor, ANSWER_INVALID);
      return;
    }
    join(answer, protocol, visitor, head, guest, guestHead);
  });
  outgoing.on('response', (answer) => passRefusal(request, visitor, answer));
  outgoing.on('error', (error) => {
    if (!visitor.destroyed) void onBroken(error).then((problem) => refuseUpgrade(request, visitor, problem));
  });
  outgoing.end();
}

/** Answers a request for another protocol with a problem; the connection ends with it. */
export function refuseUpgrade(request: IncomingMessage, visitor: Duplex, problem: Problem): void {
  if (visitor.destroyed) return;
  sendProblem(responseOnSocket(request, visitor), problem);
}

function join(
  answer: IncomingMessage,
  protocol: string,
  visitor: Duplex,
  head: Buffer,
  guest: Duplex,
  guestHead: Buffer,
): void {
  const kept = answerHeaders(answer) ?? [];
  let text = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
  for (let index = 0; index < kept.length; index += 2) {
    if (/^content-length$/i.test(kept[index] ?? '')) continue;
    text += `${kept[index]}: ${kept[index + 1]}\r\n`;
  }
  visitor.write(`${text}\r\n`, 'latin1');
  if (guestHead.length > 0) visitor.write(guestHead);
  if (head.length > 0) guest.write(head);
  const end = (): void => {
    visitor.destroy();
    guest.destroy();
  };
  const endSoon = (): void => void setTimeout(end, HALF_OPEN_MS).unref();
  // `pipe` passes on bytes, back-pressure and the half-close; a broken side breaks the other
  visitor.on('close', end).on('end', endSoon);
  guest.on('error', end).on('close', end).on('end', endSoon);
  visitor.pipe(guest);
  guest.pipe(visitor);
}

/** The app answers in HTTP after all. */
function passRefusal(request: IncomingMessage, visitor: Duplex, answer: IncomingMessage): void {
  const headers = answerHeaders(answer);
  if (visitor.destroyed) return void answer.destroy();
  if (headers === null) {
    answer.destroy();
    refuseUpgrade(request, visitor, ANSWER_INVALID);
    return;
  }
  const response = responseOnSocket(request, visitor);
  try {
    response.writeHead(answer.statusCode ?? 0, headers);
  } catch {
    answer.destroy();
    visitor.destroy();
    return;
  }
  answer.on('error', () => visitor.destroy());
  answer.pipe(response);
}
