import type { RuntimeReply } from '../client/replies.ts';

/** In this order; words of a newer supervisor come behind. */
const ENFORCEMENT = ['enforced', 'best_effort', 'unsupported'];

/**
 * What a host holds the apps of a runtime to, in one line.
 *
 * @example
 * runtimeLine({ kind: 'wasm-http', isolation: 'wasm-bare', limits: { memory: 'enforced', cpu: 'unsupported' } });
 * // wasm-http: isolation wasm-bare; memory enforced; cpu unsupported
 */
export function runtimeLine({ kind, isolation, limits }: RuntimeReply): string {
  const words = [...new Set([...ENFORCEMENT, ...Object.values(limits)])];
  const parts = words.flatMap((word) => {
    const bounded = Object.keys(limits).filter((limit) => limits[limit] === word);
    return bounded.length === 0 ? [] : [`${bounded.join(' and ')} ${word.replace('_', ' ')}`];
  });
  return `${kind}: ${[`isolation ${isolation}`, ...parts].join('; ')}`;
}
