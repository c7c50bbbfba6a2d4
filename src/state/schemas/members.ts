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

/** Offices, who may do what in them (CONTRACTS §2), and in which browsers they are signed in (§7). */
export const memberTypes: DomainTypes<
  | 'office_created'
  | 'credential_issued'
  | 'credential_revoked'
  | 'session_started'
  | 'session_used'
  | 'session_ended'
> = {
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
  session_started: {
    ...ofMembers,
    subject: 'session/<session_id>',
    description: 'A person signed in with a browser; the session ends with the credential at the latest.',
    newest: z.strictObject({
      session_id: z.uuid(),
      credential_id: z.uuid().describe('In whose place the browser asks'),
      secret_sha256: sha256.describe('SHA-256 of what the cookie holds; that itself is in no event'),
      by: z
        .enum(['link', 'token'])
        .describe('`link`: one that a credential asked for; `token`: the credential'),
      browser: z.string().max(60).describe('Coarse, e.g. `Firefox on Linux`'),
      expires_at: time,
    }),
  },
  session_used: {
    ...ofMembers,
    subject: 'session/<session_id>',
    description: 'A session was used; said once a day at most, so that one that nobody uses can end.',
    newest: z.strictObject({ session_id: z.uuid() }),
  },
  session_ended: {
    ...ofMembers,
    subject: 'session/<session_id>',
    description:
      'A session ended at once, on open streams too: by signing out, or because it was one too many.',
    newest: z.strictObject({ session_id: z.uuid(), reason: z.string() }),
  },
};
