import type { OfficeState } from '../../state/index.ts';
import type { Presences } from '../supervisors/presences.ts';
import type { Host } from './placement.ts';

/** The hosts of the office as placement sees them. */
export function hostsOf(office: OfficeState, presences: Presences): Host[] {
  const apps = new Map<string, number>();
  for (const { placements } of office.apps.values()) {
    for (const [supervisor, { assignment }] of placements) {
      if (!assignment.purged) apps.set(supervisor, (apps.get(supervisor) ?? 0) + 1);
    }
  }
  return [...office.supervisors.values()].map(({ name, tags }) => {
    const presence = presences.of(name);
    return {
      name,
      tags: presence?.tags ?? tags,
      refused: presence?.refused ?? [],
      walls: new Map(presence?.runtimes?.map(({ kind, isolation, limits }) => [kind, { isolation, limits }])),
      present: presence !== undefined,
      apps: apps.get(name) ?? 0,
    };
  });
}

/** The supervisor on the node's own machine: named `local`, or the only one, or the one that answers on loopback. */
export function ownSupervisor(office: OfficeState, presences: Presences): string | null {
  if (office.supervisors.has('local')) return 'local';
  const names = [...office.supervisors.keys()];
  if (names.length === 1) return names[0] ?? null;
  return names.find((name) => onLoopback(presences.of(name)?.url)) ?? null;
}

function onLoopback(url: string | undefined): boolean {
  if (url === undefined) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
