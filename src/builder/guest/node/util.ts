import { format, formatWithOptions, inspect, stripVTControlCharacters } from 'node-inspect-extracted';
import * as types from './util-types.ts';

export { format, formatWithOptions, inspect, stripVTControlCharacters, types };
export const { TextDecoder, TextEncoder } = globalThis;
export const { isArray } = Array;

const { console: log } = globalThis;

type Callback = (error: unknown, value?: unknown) => void;
type Any = (...args: unknown[]) => unknown;

/** The symbol under which a function keeps its own version with promises, as in Node. */
const CUSTOM = Symbol.for('nodejs.util.promisify.custom');

function promisified(run: Any): Any {
  const own = (run as { [CUSTOM]?: Any })[CUSTOM];
  if (own !== undefined) return own;
  return function (this: unknown, ...args) {
    return new Promise((resolve, reject) => {
      const done: Callback = (error, value) => (error ? reject(error) : resolve(value));
      run.call(this, ...args, done);
    });
  };
}
export const promisify = /* @__PURE__ */ Object.assign(promisified, { custom: CUSTOM });

export function callbackify(run: (...args: unknown[]) => Promise<unknown>): Any {
  return function (this: unknown, ...args) {
    const done = args.pop() as Callback;
    run.apply(this, args).then(
      (value) => queueMicrotask(() => done(null, value)),
      (error) => queueMicrotask(() => done(error)),
    );
  };
}

export function inherits(
  child: { super_?: unknown; prototype: object },
  parent: { prototype: object },
): void {
  Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(child.prototype, parent.prototype);
}

/** Warns in the app's log, once. */
export function deprecate<Run extends Any>(run: Run, message: string): Run {
  let told = false;
  return function (this: unknown, ...args: unknown[]) {
    if (!told) log.warn(`DeprecationWarning: ${message}`);
    told = true;
    return Reflect.apply(run, this, args);
  } as Run;
}

/** `NODE_DEBUG` counts, as in Node. */
export function debuglog(
  section: string,
): ((text: string, ...values: unknown[]) => void) & { enabled: boolean } {
  const isOn = (): boolean => {
    const { env } = (globalThis as unknown as { process: { env: Record<string, string> } }).process;
    return (env.NODE_DEBUG ?? '').toLowerCase().split(',').includes(section.toLowerCase());
  };
  const write = (text: string, ...values: unknown[]): void => {
    if (isOn()) log.error(`${section.toUpperCase()} ${format(text, ...values)}`);
  };
  return Object.defineProperty(write, 'enabled', { get: isOn }) as typeof write & { enabled: boolean };
}
export const debug: typeof debuglog = (section) => debuglog(section);

/** Lone halves of characters become U+FFFD. */
export function toUSVString(text: string): string {
  return String(text).toWellFormed();
}
