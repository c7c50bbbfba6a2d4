/** Where a call of `socket.connect` leads. */
export interface Wanted {
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
  readonly callback: (() => void) | null;
}

/**
 * Reads the arguments of `socket.connect`: `(port[, host][, callback])`, `(options[, callback])`, or both as the one list that Node
 * makes of them.
 *
 * @returns null for what Node answers itself: a path in the file system, and what it throws at
 */
export function destinationOf(args: readonly unknown[]): Wanted | null {
  const [first, second] = args;
  if (Array.isArray(first)) return destinationOf(first);
  const last = args.at(-1);
  const callback = typeof last === 'function' ? (last as () => void) : null;
  if (typeof first !== 'object' || first === null) {
    return wanted(first, typeof second === 'string' ? second : undefined, callback);
  }
  const options = first as { path?: unknown; port?: unknown; host?: unknown };
  return options.path ? null : wanted(options.port, options.host, callback);
}

/** As Node does it: a port may be a text of digits; no host means this machine. */
function wanted(port: unknown, host: unknown, callback: (() => void) | null): Wanted | null {
  if (typeof port !== 'number' && !(typeof port === 'string' && port.trim() !== '')) return null;
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) return null;
  if (host !== undefined && host !== null && typeof host !== 'string') return null;
  return { host: host || 'localhost', port: number, callback };
}
