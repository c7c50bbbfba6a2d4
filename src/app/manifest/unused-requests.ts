import type { Manifest } from './model.ts';

/**
 * What a manifest asks for that this version reads and does not act on yet.
 *
 * @returns keys of the manifest, e.g. `['runtime.stateful', 'schedule']`
 */
export function unusedRequests({ runtime, schedule }: Manifest): readonly string[] {
  return [...(runtime.stateful ? ['runtime.stateful'] : []), ...(schedule.length > 0 ? ['schedule'] : [])];
}
