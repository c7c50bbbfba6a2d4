import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { newId, silentLogger } from '../../src/kit/index.ts';
import { openKeyring, openSqliteLog, sealedLog } from '../../src/log/index.ts';
import { type RunningNode, TINY } from '../../src/node/testing/index.ts';
import { domainEvent } from '../../src/state/index.ts';
import { saysAsBefore } from './log-between.ts';
import { siteOf, startOffice } from './site.ts';

let node: RunningNode;
afterEach(() => node.close());

/** An office that was there before approvals: these versions were published, and put in place in their order. */
async function upgraded(digests: readonly string[]): Promise<void> {
  await node.restart({
    between: (log) => log,
    async prepare(home) {
      const kept = await openSqliteLog({ file: join(home, 'log.db'), logger: silentLogger() });
      const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
      for (const [index, digest] of digests.entries()) {
        const about = { app: TINY, deployment_id: newId(), version: index + 1 };
        const context = { actor: 'user:owner', source: '/node', office: 'default' };
        const asked = { ...about, digest, targets: null, leave_data: false };
        await log.append(domainEvent('deployment_requested', asked, context));
        await log.append(domainEvent('deployment_succeeded', about, context));
      }
      await log.close();
    },
  });
}

test('what an app has from before approvals and is taken back comes back by no way', async () => {
  node = await startOffice({ between: saysAsBefore });
  const site = siteOf(node, TINY);
  const digests: string[] = [];
  for (const text of ['one', 'two']) {
    const version = await site.push({ isPublic: true, text });
    digests.push((await node.call(`/v1/apps/${TINY}/versions/${version}`)).json.digest);
  }
  await upgraded(digests);
  expect([await site.grants(), await site.stranger()]).toEqual([['visibility:public'], 'two']);
  expect((await site.rollback()).phase).toBe('switched'); // nobody is asked for what it has
  expect([await site.grants(), await site.stranger()]).toEqual([['visibility:public'], 'one']);
  expect((await site.revoke('visibility:public')).status).toBe(204);
  const isGone = async () => expect([await site.grants(), await site.stranger()]).toEqual([[], 401]);
  await isGone();
  for (const ask of [() => site.deploy({ version: 1 }), () => site.deploy(), () => site.rollback({})]) {
    const { phase } = await ask().catch(() => ({ phase: 'awaiting_approval' })); // nothing to go back to
    expect(phase).toBe('awaiting_approval');
    await isGone();
  }
  for (const verb of ['start', 'restart', 'reset', 'stop'])
    await node.call(`/v1/apps/${TINY}/${verb}`, { method: 'POST', json: {} });
  await node.restart();
  await isGone();
  expect((await site.deployApproved({ version: 2 })).phase).toBe('switched');
  expect([await site.grants(), await site.stranger()]).toEqual([['visibility:public'], 'two']);
});
