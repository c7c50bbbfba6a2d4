import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { allRows } from './pages.ts';
import { call, callJson } from './request.ts';

const approvalReply = z.looseObject({
  id: z.string(),
  status: z.string(),
  kind: z.string(),
  app: z.string().nullable(),
  app_name: z.string().nullable(),
  version: z.number().int().nullable(),
  digest: z.string().nullable(),
  deployment_id: z.string().nullable(),
  command: z.string().nullable(),
  items: z.array(
    z.object({
      change: z.string(),
      capability: z.string(),
      /** Of what is widened: the capabilities that were granted so far. */
      from: z.array(z.string()),
      text: z.string(),
      risk: z.string(),
      line: z.string().nullable(),
    }),
  ),
  difference: z.string(),
  reasons: z.array(z.string()),
  doubts: z.array(z.string()),
  persons: z.number().int(),
  granted_by: z.array(z.string()),
  denied_by: z.string().nullable(),
  reason: z.string(),
  once: z.boolean(),
  requested_by: z.string(),
  requested_at: z.string(),
  expires_at: z.string(),
  decided_at: z.string().nullable(),
  /** Text of the policy that is wanted. */
  policy: z.string().nullable(),
});
const approvalsReply = z.object({ approvals: z.array(approvalReply), next_cursor: z.string().nullish() });
const grantReply = z.object({
  capability: z.string(),
  text: z.string(),
  risk: z.string(),
  deployment_id: z.string().nullable(),
  beside_manifest: z.boolean(),
  granted_at: z.string(),
  granted_by: z.array(z.string()),
});
const grantsReply = z.object({ grants: z.array(grantReply) });
const policyReply = z.object({ policy: z.string().nullable(), approval: z.string().nullable() });

export type ApprovalReply = z.infer<typeof approvalReply>;
export type ApprovalItem = ApprovalReply['items'][number];
export type GrantReply = z.infer<typeof grantReply>;
export type PolicyReply = z.infer<typeof policyReply>;

/** What waits for a person, what apps were granted, and the policy of the office. */
export interface ApprovalsClient {
  /** The newest first. @param which of an app (uuid), with a status; else all */
  list(which?: { readonly status?: string; readonly app?: string }): Promise<readonly ApprovalReply[]>;
  show(id: string): Promise<ApprovalReply>;
  /**
   * Says yes to an approval as it was read: version and difference are named, so that nothing else is granted.
   *
   * @throws TabbifyError `approval_changed`, `approval_ended`, `approval_given`; `not_allowed` without the scope `approve`
   */
  approve(seen: ApprovalReply, once: boolean): Promise<ApprovalReply>;
  /** @throws TabbifyError `approval_ended`; `not_allowed` */
  deny(id: string, reason: string): Promise<ApprovalReply>;
  grants(app: string): Promise<readonly GrantReply[]>;
  /** @throws TabbifyError `grant_unknown`; `not_allowed` */
  revoke(app: string, capability: string): Promise<void>;
  policy(): Promise<PolicyReply>;
  /** @returns with an `approval` when it waits for other persons. @throws TabbifyError `policy_invalid` */
  setPolicy(text: string): Promise<PolicyReply>;
}

export function approvalsClient(address: NodeAddress): ApprovalsClient {
  const pathOf = (id: string) => `/v1/approvals/${encodeURIComponent(id)}`;
  const grantsOf = (app: string) => `/v1/apps/${encodeURIComponent(app)}/grants`;
  return {
    list(which = {}) {
      const path = `/v1/approvals?${new URLSearchParams({ ...which })}`;
      return allRows(address, path, approvalsReply, (page) => page.approvals);
    },
    show: (id) => callJson(address, { path: pathOf(id) }, approvalReply),
    approve({ id, difference, digest }, once) {
      const json = { difference, ...(digest === null ? {} : { digest }), once };
      return callJson(address, { method: 'POST', path: `${pathOf(id)}/approve`, json }, approvalReply);
    },
    deny(id, reason) {
      return callJson(
        address,
        { method: 'POST', path: `${pathOf(id)}/deny`, json: { reason } },
        approvalReply,
      );
    },
    async grants(app) {
      return (await callJson(address, { path: grantsOf(app) }, grantsReply)).grants;
    },
    async revoke(app, capability) {
      const path = `${grantsOf(app)}/${encodeURIComponent(capability)}`;
      await call(address, { method: 'DELETE', path });
    },
    policy: () => callJson(address, { path: '/v1/policy' }, policyReply),
    setPolicy: (text) =>
      callJson(address, { method: 'PUT', path: '/v1/policy', json: { policy: text } }, policyReply),
  };
}
