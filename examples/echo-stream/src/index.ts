import { clock } from './clock.ts';
import { PAGE } from './page.ts';

/** One tick a second, and an hour of them at most. */
const TICK_MS = 1000;
const MOST_TICKS = 3600;

export default {
  fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        return new Response(PAGE, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      case 'POST /echo':
        return stream(request, request.body);
      case 'POST /upper':
        return stream(request, request.body && upperCase(request.body));
      case 'GET /clock': {
        const ticks = wholeNumber(searchParams.get('ticks'), 60);
        const after = wholeNumber(request.headers.get('last-event-id'), 0);
        if (ticks === null || after === null) return text('ticks is a whole number\n', 400);
        return clock({ from: after + 1, to: Math.min(ticks, MOST_TICKS), everyMs: TICK_MS });
      }
      default:
        return text('Not found\n', 404);
    }
  },
};

function stream(request: Request, body: ReadableStream<Uint8Array> | null): Response {
  const type = request.headers.get('content-type') ?? 'application/octet-stream';
  return new Response(body, { headers: { 'content-type': type } });
}

/** Letters that are cut in two by a chunk's end wait for the rest of them. */
export function upperCase(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(encoder.encode(decoder.decode(chunk, { stream: true }).toUpperCase()));
      },
      flush(controller) {
        controller.enqueue(encoder.encode(decoder.decode().toUpperCase()));
      },
    }),
  );
}

function wholeNumber(value: string | null, otherwise: number): number | null {
  if (value === null) return otherwise;
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}

function text(body: string, status: number): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
