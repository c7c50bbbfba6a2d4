type WebGlobals = Pick<typeof globalThis, 'Request' | 'Response' | 'fetch'>;

/**
 * Mends where the adapter's fast `Request` and `Response`, which stand in front of Node's own, can be told from them: what `fetch`
 * answers is a `Response` too, a request that came in can be passed to `fetch` as it is, and a program may replace them.
 *
 * @param native Node's own
 */
export function mendWebGlobals(native: WebGlobals): void {
  mend('Request', native.Request);
  mend('Response', native.Response);
  const FastRequest = globalThis.Request;
  globalThis.fetch = function fetch(input, init) {
    return native.fetch(input instanceof FastRequest ? new FastRequest(input, init) : input, init);
  };
}

function mend(name: 'Request' | 'Response', native: { readonly prototype: object }): void {
  const inFront = globalThis[name];
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(inFront, Symbol.hasInstance, {
    value(this: object, value: unknown) {
      return isInstance.call(this === inFront ? native : this, value); // classes made of it inherit this
    },
  });
  Object.defineProperty(inFront, 'name', { value: name });
  Object.defineProperty(globalThis, name, { value: inFront, writable: true, configurable: true });
}
