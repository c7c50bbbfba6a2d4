/**
 * Mends what the fast `Request` and `Response` of the adapter, which stand in front of Node's own, do not share with them: what
 * `fetch` answers is a `Response` too, and a request that came in can be passed to `fetch` as it is.
 *
 * @param Request Node's own
 * @param Response Node's own
 */
export function mendWebGlobals(native: Pick<typeof globalThis, 'Request' | 'Response' | 'fetch'>): void {
  knowInstancesOf(globalThis.Request, native.Request);
  knowInstancesOf(globalThis.Response, native.Response);
  const FastRequest = globalThis.Request;
  globalThis.fetch = function fetch(input, init) {
    return native.fetch(input instanceof FastRequest ? new FastRequest(input, init) : input, init);
  };
}

function knowInstancesOf(inFront: object, native: { readonly prototype: object }): void {
  const isInstance = Function.prototype[Symbol.hasInstance].bind(native);
  Object.defineProperty(inFront, Symbol.hasInstance, { value: isInstance });
}
