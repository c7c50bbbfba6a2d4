interface Options {
  readonly signal?: AbortSignal;
}

/** Resolves after so many milliseconds; rejects with the reason of the signal when that comes first. */
export function setTimeout<Value>(delay?: number, value?: Value, options: Options = {}): Promise<Value> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const leave = (): void => {
      globalThis.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve(value as Value);
    }, delay);
    signal?.addEventListener('abort', leave, { once: true });
  });
}

/** Resolves in a later turn. */
export function setImmediate<Value>(value?: Value, options?: Options): Promise<Value> {
  return setTimeout(0, value, options);
}
