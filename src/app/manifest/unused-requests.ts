import type { Manifest } from './model.ts';

/**
 * What a manifest asks for that this version reads and does not act on yet.
 *
 * @returns keys of the manifest, e.g. `['schedule']`
 */
export function unusedRequests({ schedule }: Manifest): readonly string[] {
  return schedule.length > 0 ? ['schedule'] : [];
}
