import type { UnderlyingDefaultSource } from 'node:stream/web';
import { untilReady } from './wait.ts';
import { type IncomingBody, type IncomingRequest, type InputStream, isClosed, type Wasi } from './wasi.ts';

/** Bytes asked for at once. */
const CHUNK = 65_536n;

/** A request's body as a web stream, and the way to let go of its handles when the request is over. */
export interface RequestBody {
  readonly stream: ReadableStream<Uint8Array>;
  release(): void;
}

/** Nothing is read before the app asks: an unread body keeps its sender waiting. */
export function requestBody(request: IncomingRequest, wasi: Wasi): RequestBody {
  let body: IncomingBody | undefined;
  let input: InputStream | undefined;
  let over = false;

  const release = (): void => {
    over = true;
    input?.[Symbol.dispose](); // the stream is a child of the body and goes first
    input = undefined;
    body?.[Symbol.dispose]();
    body = undefined;
  };

  const next = async (): Promise<Uint8Array | undefined> => {
    body ??= request.consume();
    input ??= body.stream();
    for (;;) {
      try {
        const bytes = input.read(CHUNK);
        if (bytes.length > 0) return bytes; // a byte stream refuses empty chunks
      } catch (error) {
        if (isClosed(error)) return undefined;
        throw new TypeError('The request body broke off before its end.');
      }
      await untilReady(input.subscribe(), wasi);
      if (over || input === undefined) throw new TypeError('The request is over; its body cannot be read.');
    }
  };

  const stream = new ReadableStream<Uint8Array>(
    {
      type: 'bytes',
      async pull(controller) {
        if (over) throw new TypeError('The request is over; its body cannot be read.');
        const bytes = await next();
        if (bytes !== undefined) {
          controller.enqueue(bytes);
          return;
        }
        release();
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: release,
    } satisfies UnderlyingByteSource as unknown as UnderlyingDefaultSource<Uint8Array>,
    { highWaterMark: 0 },
  );
  return { stream, release };
}

/** `type: 'bytes'` source (Streams standard); Node's global types name only the default source. */
interface UnderlyingByteSource {
  readonly type: 'bytes';
  pull(controller: {
    enqueue(bytes: Uint8Array): void;
    close(): void;
    readonly byobRequest: { respond(bytes: number): void } | null;
  }): Promise<void>;
  cancel(): void;
}
