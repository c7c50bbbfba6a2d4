import type { LightResponses } from './light-response.ts';

/** Node's own classes, and its `fetch`. */
export type WebGlobals = Pick<typeof globalThis, 'Request' | 'Response' | 'fetch'>;

/**
 * Puts our `Response` in front of Node's, and mends where the adapter's fast `Request`, which stands in front of Node's already, can be told
 * from it: what `fetch` answers is a `Response` too, a request that came in can be passed to `fetch` as it is, and a program may replace them.
 *
 * @param native Node's own
 */
export function mendWebGlobals(native: WebGlobals, { Response }: LightResponses): void {
  mend('Request', globalThis.Request, native.Request);
  mend('Response', Response, native.Response);
  const FastRequest = globalThis.Request;
  globalThis.fetch = function fetch(input, init) {
    return native.fetch(input instanceof FastRequest ? new FastRequest(input, init) : input, init);
  };
}

/** The adapter's request has a prototype of its own, which has not all that Node's has. @param request one that came in */
export function mendRequest(request: Request): void {
  const prototype = Object.getPrototypeOf(request) as Request;
  if (Object.hasOwn(prototype, 'bytes')) return;
  Object.defineProperty(prototype, 'bytes', {
    async value(this: Request) {
      return new Uint8Array(await this.arrayBuffer());
    },
    configurable: true,
    writable: true,
  });
}

function mend(name: 'Request' | 'Response', inFront: object, native: { readonly prototype: object }): void {
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(inFront, Symbol.hasInstance, {
    value(this: object, value: unknown) {
      return isInstance.call(this === inFront ? native : this, value); // classes made of it inherit this
    },
  });
  Object.defineProperty(inFront, 'name', { value: name });
  Object.defineProperty(globalThis, name, { value: inFront, writable: true, configurable: true });
}
