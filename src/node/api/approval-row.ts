import { z } from '@hono/zod-openapi';
import { describeCapability } from '../../app/index.ts';
import type { ApprovalState, OfficeState } from '../../state/index.ts';
import { neededPersons } from '../approvals/needed-persons.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import { standingYes } from '../approvals/standing-yes.ts';

const item = z.object({
  change: z.enum(['added', 'widened', 'removed']),
  capability: z.string().openapi({ example: 'http:api.stripe.com' }),
  from: z.array(z.string()).openapi({ description: 'Of what is widened: what was granted so far' }),
  key: z.string().openapi({ description: 'Key of the manifest', example: 'capabilities.http_allow_list' }),
  text: z.string().openapi({ description: 'What it means, e.g. "call api.stripe.com"' }),
  risk: z.enum(['high', 'normal']),
  line: z.string().nullable().openapi({ description: 'The line of tabbify.toml that asks for it' }),
});

/** What waits for a person, as the API shows it (CONTRACTS §4a); every word is the platform's, none a model's. */
export const approvalRow = z
  .object({
    id: z.string(),
    status: z.enum(['open', 'granted', 'denied', 'expired', 'withdrawn']),
    kind: z.enum(['deployment', 'life_cycle', 'capability', 'policy']),
    app: z.string().nullable(),
    app_name: z.string().nullable(),
    version: z.int().nullable(),
    digest: z.string().nullable(),
    deployment_id: z.string().nullable(),
    command: z.string().nullable().openapi({ description: 'What an agent wants done to the app' }),
    items: z
      .array(item)
      .openapi({ description: 'What the app may do then and may not now, and the other way round' }),
    difference: z
      .string()
      .openapi({ description: 'To be named by whoever says yes: what was seen is what counts' }),
    reasons: z.array(z.string()),
    doubts: z
      .array(z.string())
      .openapi({ description: 'What stands in its manifest there and is not known' }),
    persons: z.int().openapi({ description: 'How many have to say yes' }),
    granted_by: z.array(z.string()),
    denied_by: z.string().nullable(),
    reason: z.string(),
    once: z.boolean(),
    requested_by: z.string(),
    requested_at: z.string(),
    expires_at: z.string(),
    decided_at: z.string().nullable(),
    policy: z.string().nullable(),
  })
  .openapi('Approval');

export type ApprovalRow = z.infer<typeof approvalRow>;

export function approvalRowOf(office: OfficeState, approval: ApprovalState, policyOf: PolicyOf): ApprovalRow {
  const { id, status, kind, app, version, digest, command, difference, reason, once, policy } = approval;
  return {
    ...{ id, status, kind, app, version, digest, command, difference, reason, once, policy },
    persons: (status === 'open' ? neededPersons(office, approval, policyOf) : null) ?? approval.persons,
    app_name: office.apps.get(app ?? '')?.slug ?? null,
    deployment_id: approval.deployment,
    items: [
      ...approval.added.map((capability) => itemOf('added', capability)),
      ...approval.widened.map(({ from, to }) => itemOf('widened', to, from)),
      ...approval.removed.map((capability) => itemOf('removed', capability)),
    ],
    reasons: [...approval.reasons],
    doubts: [...approval.doubts],
    granted_by: standingYes(office, approval),
    denied_by: approval.deniedBy,
    requested_by: approval.requestedBy,
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    decided_at: approval.decidedAt,
  };
}

function itemOf(change: 'added' | 'widened' | 'removed', capability: string, from: readonly string[] = []) {
  const { key, text, risk, manifestLine } = describeCapability(capability);
  return { change, capability, from: [...from], key, text, risk, line: manifestLine };
}
