import { z } from '@hono/zod-openapi';
import type { OfficeState } from '../../state/index.ts';
import { runtimeDescription } from '../../supervisor/index.ts';
import type { Presences } from '../supervisors/presences.ts';
import { type AppRow, appRow } from './app-row.ts';
import { standIn } from './schemas.ts';

/** One app, with what its hosts hold it to. */
export const appDetail = appRow
  .extend({
    walls: z.array(runtimeDescription.extend({ supervisor: z.string(), stands_in_for: standIn })).openapi({
      description:
        'What each of its hosts that is there holds it to: the wall around it, and which limits are `enforced`, `best_effort` or `unsupported`',
    }),
  })
  .openapi('AppDetail');

/** The row together with what the hosts it is on have said of its runtime. */
export function detailOf(
  row: AppRow,
  { apps, deployments }: OfficeState,
  presences: Presences,
): z.infer<typeof appDetail> {
  const placements = apps.get(row.uuid)?.placements;
  const walls = row.instances.flatMap(({ supervisor, runtime }) => {
    const deployment = deployments.get(placements?.get(supervisor)?.assignment.deployment ?? '');
    const decided = deployment?.results.find((result) => result.supervisor === supervisor);
    return (presences.of(supervisor)?.runtimes ?? [])
      .filter(({ kind }) => kind === runtime)
      .map((description) => ({ supervisor, ...description, stands_in_for: decided?.standsInFor ?? null }));
  });
  return { ...row, walls };
}
