import { z } from 'zod';
import type { JsonObject } from '../../log/index.ts';
import type { EarlierSchema } from '../domain-type.ts';
import { sha256 } from './settings.ts';

/** Scopes of an owner when schema 1 was written; a later change of the role does not reach back. */
const OWNER_SCOPES = ['read', 'deploy', 'data', 'secrets:write', 'approve', 'admin'];

/** Schema 1 of `credential_issued`: persons and supervisors, no roles, no expiry. */
export const credentialIssued1: EarlierSchema = {
  data: z.strictObject({
    credential_id: z.uuid(),
    kind: z.enum(['person', 'supervisor']),
    name: z.string().min(1),
    scopes: z.array(z.string()),
    token_sha256: sha256,
  }),
  upcast: (data: JsonObject): JsonObject => ({
    ...data,
    role: isOwners(data.scopes) ? 'owner' : null,
    expires_at: null,
  }),
};

function isOwners(scopes: unknown): boolean {
  if (!Array.isArray(scopes)) return false;
  const held = new Set(scopes);
  return held.size === OWNER_SCOPES.length && OWNER_SCOPES.every((scope) => held.has(scope));
}
