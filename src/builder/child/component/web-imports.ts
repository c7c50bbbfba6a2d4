import { isBuiltin } from 'node:module';
import type { ImportRule } from '../confinement.ts';
import { refusal } from '../refusal.ts';

/** A component has what browsers have, and none of Node's modules. */
export const webImports: ImportRule = ({ path }) => {
  if (!path.startsWith('node:') && !isBuiltin(path)) return undefined;
  const builtin = path.replace(/^node:/, '');
  return refusal(
    `"${path}" is not there: the app is built as wasm-http, which has no node:${builtin}`,
    'Run the app as `worker`, which has it: leave `runtime.type` out of tabbify.toml, or set it to "worker". Or use what browsers have (fetch, crypto.subtle, URL, TextEncoder, streams), or a library that does.',
  );
};
