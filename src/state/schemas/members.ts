import { z } from 'zod';
import type { DomainTypes } from '../domain-type.ts';
import { credentialIssued1 } from './credential-issued-1.ts';
import { officeSlug, sha256, time } from './settings.ts';

const ofMembers = {
  class: 'office',
  saidBy: 'node',
  segment: 'tenant_<office>.members',
  earlier: [],
} as const;

/** Offices, and who may do what in them (CONTRACTS §2). */
export const memberTypes: DomainTypes<'office_created' | 'credential_issued' | 'credential_revoked'> = {
  office_created: {
    ...ofMembers,
    subject: 'office/<office>',
    description: 'There is another office; `default` is there from the beginning.',
    newest: z.strictObject({ office: officeSlug.describe('Its slug'), name: z.string().min(1) }),
  },
  credential_issued: {
    ...ofMembers,
    subject: 'credential/<credential_id>',
    description: 'A principal can authenticate; issued anew under the same id, the token before ends.',
    earlier: [credentialIssued1],
    newest: z.strictObject({
      credential_id: z.uuid(),
      kind: z.enum(['person', 'supervisor', 'agent', 'app']),
      name: z.string().min(1).describe("The principal: `owner`, a supervisor's name, an app's UUID"),
      role: z
        .enum(['owner', 'developer', 'approver', 'viewer'])
        .nullable()
        .describe('The fixed set of scopes that was meant; null: they were chosen one by one'),
      scopes: z.array(z.string()),
      token_sha256: sha256.describe('SHA-256 of the token; the token itself is in no event'),
      expires_at: time.nullable().describe('Null: never'),
    }),
  },
  credential_revoked: {
    ...ofMembers,
    subject: 'credential/<credential_id>',
    description: 'A credential ended at once, on open streams too.',
    newest: z.strictObject({ credential_id: z.uuid(), reason: z.string() }),
  },
};
