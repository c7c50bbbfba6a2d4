import { openBox } from '../../sandbox/index.ts';
import type { Runtime } from '../runtime.ts';
import { createBoxed } from './create-boxed.ts';
import { WASM_BARE } from './description.ts';
import { startPlain } from './start-plain.ts';

const boxed = createBoxed({ openBox });

/**
 * Components that export `wasi:http/incoming-handler`. What stands here is the least; `describeRuntimes` tells of this machine. Only a host
 * that has said that it has no boxes runs them without one.
 */
export const wasmHttpRuntime: Runtime = {
  ...WASM_BARE,
  prepare: boxed.prepare,
  start: (spec) => (spec.wall === 'wasm-bare' ? startPlain(spec) : boxed.start(spec)),
};
