import type { IncomingMessage } from 'node:http';
import type { TabbifyError } from '../../kit/index.ts';
import { dataError, unavailable } from '../errors.ts';

/** Bytes of bodies, of all requests of an app together, that may be held at once. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** Milliseconds in which a body must be there. */
const BODY_MS = 15_000;

/** Reads bodies of an app's requests, so that all of them together stay within a bound. */
export interface BodyReader {
  /**
   * @param most bytes; what is larger is refused before it is there
   * @throws TabbifyError `body_too_large`, `body_too_slow`, `data_unavailable`; an error when the client leaves
   */
  read<Value>(request: IncomingMessage, most: number, use: (body: Buffer) => Promise<Value>): Promise<Value>;
}

/** @param bodyMs milliseconds for a body; default 15 s */
export function createBodyReader(bodyMs = BODY_MS): BodyReader {
  let held = 0;
  return {
    async read(request, most, use) {
      const announced = Number(request.headers['content-length'] ?? 0);
      if (announced > most) throw tooLarge(most);
      let own = 0;
      const hold = (bytes: number): void => {
        if (own + bytes > most) throw tooLarge(most);
        if (held + bytes > MAX_HELD_BYTES) throw unavailable('too many large bodies come at once');
        own += bytes;
        held += bytes;
      };
      try {
        return await use(await gather(request, hold, bodyMs));
      } finally {
        held -= own;
      }
    },
  };
}

function gather(request: IncomingMessage, hold: (bytes: number) => void, bodyMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => settle(() => reject(tooSlow(bodyMs))), bodyMs);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      request.off('data', take);
      then();
    };
    const take = (chunk: Buffer): void => {
      try {
        hold(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        settle(() => reject(error));
      }
    };
    request.on('data', take);
    request.once('end', () => settle(() => resolve(Buffer.concat(chunks))));
    request.once('error', (error) => settle(() => reject(error)));
    request.once('close', () => settle(() => reject(new Error('the request was left'))));
  });
}

function tooLarge(most: number): TabbifyError {
  return dataError('body_too_large', {
    what: 'The body is too large',
    why: `at most ${most / 1024 / 1024} MiB are taken`,
    hint: 'Split it: several keys, or several statements with fewer rows',
  });
}

function tooSlow(bodyMs: number): TabbifyError {
  return dataError('body_too_slow', {
    what: 'The body did not arrive',
    why: `it was not there after ${bodyMs / 1000} s`,
    hint: 'Have the value ready before the request begins',
  });
}
