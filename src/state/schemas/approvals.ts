import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { app, deploymentId, lines, ordinal, sha256, supervisorName, time } from './settings.ts';

const approvalId = z.uuid().describe('UUID of the approval');
const capability = z.string().min(1).max(1024);
const capabilities = z.array(capability);

const ofApprovals = {
  class: 'office',
  saidBy: 'node',
  segment: 'tenant_<office>.approvals',
  subject: 'approval/<approval_id>',
  earlier: [],
} as const;

/** What waits for a person, what persons said, and what was taken back (CONTRACTS §4a). */
export const approvalTypes: DomainTypes<
  | 'approval_requested'
  | 'approval_granted'
  | 'approval_denied'
  | 'approval_expired'
  | 'grant_revoked'
  | 'app_grant_changed'
  | 'policy_set'
> = {
  approval_requested: {
    ...ofApprovals,
    description: 'Something waits until a person has said yes to it.',
    newest: z.strictObject({
      approval_id: approvalId,
      kind: z
        .enum(['deployment', 'life_cycle', 'capability', 'policy'])
        .describe(
          '`deployment`: a version to be put in place; `life_cycle`: something an agent wants done to an app; `capability`: a place that a running app was refused; `policy`: another policy of the office',
        ),
      app: app.nullable().describe('Null: it is about no app'),
      deployment_id: deploymentId.nullable(),
      version: ordinal.nullable(),
      digest: sha256.nullable().describe('Of the version; of a policy, of its text'),
      command: z
        .enum(['start', 'stop', 'restart', 'reset', 'purge', 'purge_data'])
        .nullable()
        .describe('What is to be done to the app; null: nothing of the kind'),
      added: capabilities.describe('What is asked for and not granted'),
      widened: z
        .array(z.strictObject({ from: capabilities, to: capability }))
        .describe('What is granted in part'),
      removed: capabilities.describe('What is granted and not asked for any more'),
      difference: sha256.describe('Of what is to be decided; a decision names it'),
      reasons: lines.describe('Why a person is asked, in words'),
      doubts: lines.describe(
        'What its manifest says that nothing is known of, under `[capabilities]` and `[[secrets]]`',
      ),
      persons: ordinal.describe('How many have to say yes'),
      requested_by: z.string().min(1).describe('Actor whose request it is'),
      expires_at: time.describe('Without a decision until then it is denied'),
      policy: z.string().nullable().describe('The policy that is to be; null: it is about none'),
    }),
  },
  approval_granted: {
    ...ofApprovals,
    description: 'A person said yes.',
    newest: z.strictObject({
      approval_id: approvalId,
      difference: sha256.describe('What the person saw'),
      once: z.boolean().describe('For this deployment and no later one'),
      complete: z.boolean().describe('Nobody else has to say yes'),
    }),
  },
  approval_denied: {
    ...ofApprovals,
    description: 'A person said no.',
    newest: z.strictObject({ approval_id: approvalId, reason: z.string() }),
  },
  approval_expired: {
    ...ofApprovals,
    description: 'Nobody decided in time, which means no.',
    newest: z.strictObject({ approval_id: approvalId }),
  },
  grant_revoked: {
    ...ofApprovals,
    subject: 'app/<app>',
    description:
      'Something that was granted to an app is not any more, at once, and with it all that it takes in.',
    newest: z.strictObject({ app, capability }),
  },
  app_grant_changed: {
    ...ofApprovals,
    segment: 'platform.hosts.<supervisor>',
    subject: 'app/<app>',
    description: 'The host of a running app is to look up what the app may do now.',
    newest: z.strictObject({ app, supervisor: supervisorName }),
  },
  policy_set: {
    ...ofApprovals,
    subject: 'office/<office>',
    description: 'The office has another policy for what has to be approved.',
    newest: z.strictObject({ policy: z.string().max(32_768).describe('Text of `office.toml`') }),
  },
};
