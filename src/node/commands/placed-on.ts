import { type AppState, type AssignmentState, placementsOf, primaryOf } from '../../state/index.ts';
import { nodeError } from '../errors.ts';

/**
 * The host that a question about an app is for.
 *
 * @param supervisor the one that was named; null: the one with the app's own address
 * @param what it has none of yet, e.g. `log`
 * @throws app_not_ready when it was never deployed; nothing_to_run of static files alone; supervisor_unknown when it is not on that host, naming those it is on
 */
export function placedOn(app: AppState, supervisor: string | null, what: string): AssignmentState {
  const primary = primaryOf(app);
  const newest = app.versions.get(app.latestVersion);
  if (primary === null && newest?.assets?.alone) {
    throw nodeError('nothing_to_run', {
      what: `'${app.slug}' has no ${what}`,
      why: 'it is static files alone, of which nothing runs',
    });
  }
  if (primary === null) {
    throw nodeError('app_not_ready', {
      what: `'${app.slug}' has no ${what} yet`,
      why: 'it was never deployed',
    });
  }
  if (supervisor === null) return primary.assignment;
  const placement = app.placements.get(supervisor);
  if (placement !== undefined) return placement.assignment;
  const hosts = placementsOf(app).map(({ assignment }) => `'${assignment.supervisor}'`);
  throw nodeError('supervisor_unknown', {
    what: `'${app.slug}' is not on the supervisor '${supervisor}'`,
    why: `it is on ${hosts.join(', ')}`,
    hint: 'Name one of them, or none for the first',
  });
}
