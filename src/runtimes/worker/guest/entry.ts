import { type RequestListener, Server } from 'node:http';
import { faceOf } from './handler-face.ts';

/** A handler of the web's own kind: a request in, a response out. */
export type FetchHandler = (request: Request, env: unknown, context: unknown) => Response | Promise<Response>;

/** How an app takes its requests. */
export type Entry =
  | { readonly kind: 'fetch'; readonly handle: FetchHandler }
  | { readonly kind: 'node'; readonly listener: RequestListener }
  /** A function that is one of the two; which it is shows when it is asked. */
  | { readonly kind: 'either'; readonly handle: FetchHandler & RequestListener }
  | { readonly kind: 'server'; readonly server: Server }
  /** Nothing that takes a request is exported: the app has to open a server itself. */
  | { readonly kind: 'none' };

/**
 * Tells by its shape what a module exports as its default: a `node:http` server; something with `fetch(request, env, context)`
 * (Hono is such a thing); or a function, which is such a `fetch` itself or takes `(req, res)` as the listeners of `node:http` do (Express
 * and Connect apps are such functions; see `faceOf`).
 *
 * @param module what it exports
 */
export function entryOf(module: Readonly<Record<string, unknown>>): Entry {
  const value = unwrapped(module.default);
  if (value instanceof Server) return { kind: 'server', server: value };
  if (isObject(value) && typeof value.fetch === 'function') {
    const app = value as { readonly fetch: FetchHandler };
    return { kind: 'fetch', handle: (request, env, context) => app.fetch(request, env, context) };
  }
  if (typeof value !== 'function' || isClass(value)) return { kind: 'none' };
  const handle = value as FetchHandler & RequestListener;
  const face = faceOf(handle as never);
  if (face === null) return { kind: 'either', handle };
  return face === 'node' ? { kind: 'node', listener: handle } : { kind: 'fetch', handle };
}

/** Nobody makes an object of it here. */
function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** A CommonJS module that was compiled from an ES module and bundled into one has its default export one level down. */
function unwrapped(value: unknown): unknown {
  return isObject(value) && value.__esModule === true ? value.default : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
