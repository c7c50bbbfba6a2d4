import { z } from '@hono/zod-openapi';
import { runtimeDescription } from '../../supervisor/index.ts';
import type { Presences } from '../supervisors/presences.ts';
import { type AppRow, appRow } from './app-row.ts';

/** One app, with what its hosts hold it to. */
export const appDetail = appRow
  .extend({
    walls: z.array(runtimeDescription.extend({ supervisor: z.string() })).openapi({
      description:
        'What each of its hosts that is there holds it to: the wall around it, and which limits are `enforced`, `best_effort` or `unsupported`',
    }),
  })
  .openapi('AppDetail');

/** The row together with what the hosts it is on have said of its runtime. */
export function detailOf(row: AppRow, presences: Presences): z.infer<typeof appDetail> {
  const walls = row.instances.flatMap(({ supervisor, runtime }) =>
    (presences.of(supervisor)?.runtimes ?? [])
      .filter(({ kind }) => kind === runtime)
      .map((description) => ({ supervisor, ...description })),
  );
  return { ...row, walls };
}
