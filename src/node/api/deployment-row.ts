import { z } from '@hono/zod-openapi';
import type { DeploymentState, TargetResult } from '../../state/index.ts';
import { standIn, wall } from './schemas.ts';

const phases = z.enum([
  ...(['requested', 'awaiting_approval', 'approved', 'building', 'placing', 'starting', 'healthy'] as const),
  ...(['switched', 'failed', 'cancelled', 'superseded'] as const),
]);

/** A deployment as the API shows it (CONTRACTS §7). */
export const deploymentRow = z
  .object({
    id: z.string(),
    app: z.string(),
    version: z.int(),
    phase: phases,
    approval: z
      .string()
      .nullable()
      .openapi({ description: 'The approval that it waits for, or waited for last; null: it needed none' }),
    requested_at: z.string(),
    requested_by: z.string(),
    finished_at: z.string().nullable(),
    stage: z.string().nullable().openapi({ description: 'Where it ended without being in place' }),
    reason: z.string().nullable().openapi({ description: 'Why it ended without being in place' }),
    results: z
      .array(
        z.object({
          supervisor: z.string(),
          runtime: z.string(),
          success: z.boolean().nullable(),
          wall: wall.nullable().openapi({
            description: 'What its host held the app to when it was decided; null: it had not said',
          }),
          stands_in_for: standIn,
          error: z.string().optional(),
          log_tail: z
            .array(z.string())
            .optional()
            .openapi({ description: 'Of one that failed: the last lines of the app there' }),
        }),
      )
      .openapi({
        description:
          'One for each target; `success` is null while its host has not answered, or did not have to',
      }),
    log_tail: z.array(z.string()),
  })
  .openapi('Deployment');

function resultOf({ supervisor, runtime, success, wall: around, standsInFor, failure }: TargetResult) {
  return {
    ...{ supervisor, runtime, success },
    wall: around && { isolation: around.isolation, limits: { ...around.limits } },
    stands_in_for: standsInFor,
    ...(failure && { error: failure.reason, log_tail: [...failure.logTail] }),
  };
}

export function deploymentRowOf(deployment: DeploymentState): z.infer<typeof deploymentRow> {
  const { id, app, version, phase, failure } = deployment;
  return {
    ...{ id, app, version, phase, approval: deployment.approval },
    requested_at: deployment.requestedAt,
    requested_by: deployment.requestedBy,
    finished_at: deployment.finishedAt,
    stage: failure?.stage ?? null,
    reason: failure?.reason ?? null,
    results: deployment.results.map(resultOf),
    log_tail: [...(failure?.logTail ?? [])],
  };
}
