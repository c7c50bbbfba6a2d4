import { expect } from 'vitest';
import type { Answer, RunningNode } from './running-node.ts';

/** Says yes to what a deployment waits for, as whoever holds the token. @param token default: the owner's */
export async function approve(
  node: RunningNode,
  approval: string,
  more: Readonly<Record<string, unknown>> = {},
  token?: string,
): Promise<Answer> {
  const as = token === undefined ? {} : { token };
  const { json } = await node.call(`/v1/approvals/${approval}`, as);
  return node.call(`/v1/approvals/${approval}/approve`, {
    method: 'POST',
    json: { difference: json.difference, ...(json.digest && { digest: json.digest }), ...more },
    ...as,
  });
}

/** Waits until a deployment waits for a person, or has ended. @returns how it is then */
// biome-ignore lint/suspicious/noExplicitAny: tests look into it and fail when it is something else
export async function untilHeld(node: RunningNode, deployment: string): Promise<any> {
  const giveUp = AbortSignal.timeout(20_000);
  while (!giveUp.aborted) {
    const { json } = await node.call(`/v1/deployments/${deployment}`);
    if (json.phase === 'awaiting_approval' || json.finished_at !== null) return json;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the deployment goes on for ever');
}

/** Deploys, and says yes when asked. @returns how it ended */
export async function deployApproved(node: RunningNode, app: string, json: object = {}): Promise<Answer> {
  const asked = await node.call(`/v1/apps/${app}/deploy`, { method: 'POST', json });
  expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
  const held = await untilHeld(node, asked.json.deployment_id);
  if (held.phase === 'awaiting_approval') expect((await approve(node, held.approval)).status).toBe(200);
  await node.call(`/v1/deployments/${asked.json.deployment_id}/stream`);
  return node.call(`/v1/deployments/${asked.json.deployment_id}`);
}
