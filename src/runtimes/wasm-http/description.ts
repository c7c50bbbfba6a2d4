import type { BoxReport } from '../../sandbox/index.ts';
import type { RuntimeDescription } from '../runtime.ts';

/** Memory: the maximum written into each linear memory, and a budget for all instances. Fuel: the metering in every core module. */
export const WASM_BARE: RuntimeDescription = {
  kind: 'wasm-http',
  isolation: 'wasm-bare',
  limits: { memory: 'enforced', fuel: 'enforced', cpu: 'unsupported' },
};

/**
 * What a component is held to where boxes are as reported: the same, behind a second wall. CPU: where boxes have a share of the machine
 * it holds, but an app at its share is slowed down, not answered for; where they have none, the runtime of workers tells what is lacking.
 */
export function describeWasmHttp(report: BoxReport): RuntimeDescription {
  if (!report.possible) return WASM_BARE;
  const cpu = report.limits.cpu === 'enforced' ? 'best_effort' : 'unsupported';
  return { ...WASM_BARE, isolation: 'wasm', limits: { ...WASM_BARE.limits, cpu } };
}
