import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { allRows } from './pages.ts';
import { callJson } from './request.ts';

const secretReply = z.looseObject({
  name: z.string(),
  kind: z.string().nullable(),
  version: z.number(),
  updated_at: z.string().nullable(),
  updated_by: z.string().nullable(),
  state: z.string(),
});
const secretsReply = z.object({ secrets: z.array(secretReply), next_cursor: z.string().nullish() });
const auditReply = z.object({
  entries: z.array(
    z.looseObject({
      line: z.number(),
      time: z.string(),
      action: z.string(),
      name: z.string(),
      version: z.number(),
      actor: z.string(),
      purpose: z.string(),
    }),
  ),
});
const auditReport = z.object({
  lines: z.number(),
  broken: z.object({ line: z.number(), why: z.string() }).nullable(),
});
const deleted = z.looseObject({ name: z.string(), state: z.string() });

export type SecretReply = z.infer<typeof secretReply>;

/** Secrets of the office: what they are, never what they hold. */
export interface SecretsClient {
  list(): Promise<readonly SecretReply[]>;
  register(name: string, kind: string, value: Buffer): Promise<SecretReply>;
  rotate(name: string, value: Buffer): Promise<SecretReply>;
  remove(name: string): Promise<z.infer<typeof deleted>>;
  /** @returns how many secrets are under the new key */
  rotateMasterKey(): Promise<{ readonly secrets: number }>;
  /** The last entries, oldest first. */
  audit(limit: number): Promise<z.infer<typeof auditReply>['entries']>;
  verifyAudit(): Promise<z.infer<typeof auditReport>>;
}

export function secretsClient(address: NodeAddress): SecretsClient {
  const pathOf = (name: string) => `/v1/secrets/${encodeURIComponent(name)}`;
  const sealed = (value: Buffer) => ({ value_base64: value.toString('base64') });
  return {
    list: () => allRows(address, '/v1/secrets', secretsReply, (page) => page.secrets),
    register(name, kind, value) {
      const json = { name, kind, ...sealed(value) };
      return callJson(address, { method: 'POST', path: '/v1/secrets', json }, secretReply);
    },
    rotate: (name, value) =>
      callJson(address, { method: 'PUT', path: pathOf(name), json: sealed(value) }, secretReply),
    remove: (name) => callJson(address, { method: 'DELETE', path: pathOf(name) }, deleted),
    rotateMasterKey: () =>
      callJson(
        address,
        { method: 'POST', path: '/v1/secrets/master-key' },
        z.object({ secrets: z.number() }),
      ),
    audit: async (limit) =>
      (await callJson(address, { path: `/v1/secrets/audit?limit=${limit}` }, auditReply)).entries,
    verifyAudit: () => callJson(address, { path: '/v1/secrets/audit/verify' }, auditReport),
  };
}
