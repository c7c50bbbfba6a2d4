import type { RefusedReply, RuntimeReply } from '../client/replies.ts';

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
    return bounded.length === 0 ? [] : [`${listed(bounded)} ${word.replace('_', ' ')}`];
  });
  return `${kind}: ${[`isolation ${isolation}`, ...parts].join('; ')}`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Why a host holds the apps of a runtime to less than it could, in one line: `worker: not all is enforced on far: …`; null: it does not. */
export function lackLine({ kind, lack }: RuntimeReply, host: string): string | null {
  return lack === undefined
    ? null
    : `${kind}: not all is enforced on ${host}: ${lack.why.replace(/\.$/, '')}`;
}

/** A runtime that a host cannot run, in one line: `worker: cannot run on far: bubblewrap is not installed`. */
export function refusedLine({ kind, why }: RefusedReply, host: string): string {
  return `${kind}: cannot run on ${host}: ${why.replace(/\.$/, '')}`;
}
