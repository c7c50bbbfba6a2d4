import type { RuntimeDescription } from '../runtime.ts';

/** Memory: the maximum written into each linear memory, and a budget for all instances. Fuel: the metering in every core module. */
export const wasmHttp: RuntimeDescription = {
  kind: 'wasm-http',
  isolation: 'wasm-bare',
  limits: { memory: 'enforced', fuel: 'enforced', cpu: 'unsupported' },
};
