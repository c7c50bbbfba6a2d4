import { expect, test } from 'vitest';
import { issue, TINY } from '../../src/node/testing/index.ts';
import { calls, useSite } from './site.ts';

const { node, site } = useSite();

test('nothing that a developer or an agent may do gives back what was revoked', async () => {
  const { token: developer } = await issue(node(), { name: 'dev', role: 'developer' });
  const { token: agent } = await issue(node(), { kind: 'agent', name: 'writer', scopes: ['read', 'deploy'] });
  for (const text of ['one', 'two']) {
    await site().push({ isPublic: true, text });
    expect((await site().deployApproved()).phase).toBe('switched');
  }
  expect([(await site().revoke('visibility:public')).status, await site().stranger()]).toEqual([204, 401]);
  for (const token of [developer, agent]) {
    for (const ask of [site().deploy, site().rollback]) {
      expect((await ask({}, token)).phase).toBe('awaiting_approval');
      expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
    }
    for (const verb of ['start', 'restart', 'reset', 'stop'])
      await node().call(`/v1/apps/${TINY}/${verb}`, { method: 'POST', json: {}, token });
    expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
  }
  await node().restart();
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});

test('a deployment that fails does not bring back with the version before it what that one has lost', async () => {
  await site().push({ isPublic: true });
  expect((await site().deployApproved()).phase).toBe('switched');
  await site().push({ isPublic: true, rest: calls('api.example.com') });
  const held = await site().deploy();
  expect((await site().revoke('visibility:public')).status).toBe(204);
  const no = await node().call(`/v1/approvals/${held.approval}/deny`, { method: 'POST', json: {} });
  expect([no.status, (await site().ended(held.id)).phase]).toEqual([200, 'failed']);
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});

test('what was granted once is for no other deployment of the same version, also after a start of the node', async () => {
  await site().push({ isPublic: true, text: 'once' });
  expect((await site().deployApproved({}, { once: true })).phase).toBe('switched');
  expect(await site().stranger()).toBe('once');
  expect((await site().deploy({ version: 1 })).phase).toBe('awaiting_approval');
  await node().restart();
  await site().push({ text: 'private' });
  expect((await site().deployApproved()).phase).toBe('switched');
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
  expect((await site().rollback()).phase).toBe('awaiting_approval');
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});
