import type { RequestListener, ServerResponse } from 'node:http';
import { report } from '../../boxed/guest/report.ts';
import type { Face } from './handler-face.ts';

/**
 * A listener for a function of which nobody knows what it takes. It is called as a listener of `node:http`, as most such functions are
 * one in the end, until it has shown what it is: by writing an answer, or by returning a `Response` instead, in which case that request is
 * answered by calling it again as a handler of the web's kind. One that throws with nothing written is called so as well, as a
 * handler of the web's kind finds neither its request nor its environment.
 *
 * @param asFetch calls the same function with a `Request`, and answers what it throws
 */
export function eitherListener(handler: RequestListener, asFetch: RequestListener): RequestListener {
  let face: Face | null = null;
  return (incoming, outgoing) => {
    if (face === 'fetch') return asFetch(incoming, outgoing);
    if (face === 'node') return handler(incoming, outgoing);
    let failure: { readonly error: unknown } | null = null;
    outgoing.once('finish', () => {
      if (failure === null) face ??= 'node';
      else if (outgoing.statusCode < 500) face ??= 'fetch';
      else report(failure.error); // as a handler of the web's kind it fails too, and says something else
    });
    const returned = (value: unknown): void => {
      if (isTouched(outgoing) || !isResponse(value)) return;
      face = 'fetch';
      asFetch(incoming, outgoing);
    };
    const thrown = (error: unknown): void => {
      if (isTouched(outgoing)) {
        report(error);
        outgoing.destroy();
        return;
      }
      failure = { error };
      asFetch(incoming, outgoing);
    };
    try {
      const value: unknown = handler(incoming, outgoing);
      Promise.resolve(value).then(returned, thrown);
    } catch (error) {
      thrown(error);
    }
  };
}

/** Has anything been said of the answer? */
function isTouched(outgoing: ServerResponse): boolean {
  return (
    outgoing.headersSent ||
    outgoing.destroyed ||
    outgoing.statusCode !== 200 ||
    outgoing.getHeaderNames().length > 0
  );
}

function isResponse(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'status' in value && 'headers' in value && 'body' in value
  );
}
