import { covers } from '../../app/index.ts';
import { type OfficeState, placementsOf } from '../../state/index.ts';
import type { Undecided } from './undecided.ts';

/**
 * Walls that a deployment would have and that are weaker than what stands around the app now, as capabilities: `isolation:process`. The
 * first deployment of an app weakens nothing.
 */
export function weakerWalls(
  office: OfficeState,
  { app, placements }: Pick<Undecided, 'app' | 'placements'>,
): string[] {
  const inPlace = office.deployments.get(app.inPlace ?? '');
  const onHosts = new Set(placementsOf(app).map(({ assignment }) => assignment.supervisor));
  const now = (inPlace?.results ?? []).flatMap(({ supervisor, wall, success }) =>
    wall !== null && success !== false && onHosts.has(supervisor) ? [wall.isolation] : [],
  );
  const weakest = now.find((each) => now.every((other) => covers(`isolation:${each}`, `isolation:${other}`)));
  if (weakest === undefined) return [];
  const then = (placements ?? []).flatMap(({ wall }) =>
    wall === null ? [] : [`isolation:${wall.isolation}`],
  );
  return [...new Set(then)].filter((each) => !covers(`isolation:${weakest}`, each));
}
