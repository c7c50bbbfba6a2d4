import type { AppState } from '../../state/index.ts';

/**
 * Addresses of an app's instances (CONTRACTS §3): the first host has the app's own, `…::1`; each other one keeps what it
 * has, or gets the lowest `…::<n>` from 2 on that no host of the app has.
 *
 * @param supervisors the hosts, each once
 * @returns one for each of them
 */
export function addressesFor(
  { ula, placements }: Pick<AppState, 'ula' | 'placements'>,
  supervisors: readonly string[],
): string[] {
  const kept = new Map<string, string>();
  const taken = new Set([ula]);
  for (const [supervisor, { assignment }] of placements) {
    if (assignment.purged || taken.has(assignment.address)) continue;
    taken.add(assignment.address);
    kept.set(supervisor, assignment.address);
  }
  let next = 2;
  const fresh = () => {
    while (taken.has(nthAddress(ula, next))) next++;
    const address = nthAddress(ula, next);
    taken.add(address);
    return address;
  };
  return supervisors.map((supervisor, index) => (index === 0 ? ula : (kept.get(supervisor) ?? fresh())));
}

/** `…::<n>` of an app, the last group in hex as IPv6 has it. */
function nthAddress(ula: string, n: number): string {
  return ula.replace(/::1$/, `::${n.toString(16)}`);
}
