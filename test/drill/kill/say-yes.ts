import { expectKept } from '../drill.ts';
import { until } from '../until.ts';
import type { Site } from './site.ts';

/** The person who deploys says yes to what the app asks for, which is to be public, if he is asked: with its first version. */
export async function sayYes(site: Site, deployment: string): Promise<void> {
  const look = async (path: string) => JSON.parse((await site.call(path)).text);
  let phase = 'requested';
  let approval: string | null = null;
  await until(`${deployment} goes on, or asks`, async () => {
    ({ phase, approval } = await look(`/v1/deployments/${deployment}`));
    return phase !== 'requested';
  });
  if (phase !== 'awaiting_approval') return;
  const { difference } = await look(`/v1/approvals/${approval}`);
  const { status, text } = await site.call(`/v1/approvals/${approval}/approve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `yes to ${approval}` },
    body: JSON.stringify({ difference }),
  });
  expectKept(status === 200, () => `a yes to ${deployment}: ${status} ${text}`);
}
