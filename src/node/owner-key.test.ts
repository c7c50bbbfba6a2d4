import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isoNow, newId, silentLogger, systemClock } from '../kit/index.ts';
import { openSqliteLog } from '../log/index.ts';
import { OWNER_CREDENTIAL } from './credentials/owner-key.ts';
import { newToken, tokenHash } from './credentials/token.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

const keyOf = async (node: RunningNode) => (await readFile(join(node.home, 'node.key'), 'utf8')).trim();

test('the owner’s credential is of schema 2 and has the role', async () => {
  const node = await startTestNode();
  try {
    const [issued] = await node.events(['credential_issued']);
    expect(issued).toMatchObject({
      dataschema: 'tabbify:credential_issued/2',
      data: { credential_id: OWNER_CREDENTIAL, role: 'owner', expires_at: null },
    });
  } finally {
    await node.close();
  }
});

test('a home of the version before keeps its key, which owns the machine', async () => {
  const token = newToken();
  const node = await startTestNode({
    async prepare(home) {
      await writeFile(join(home, 'node.key'), `${token}\n`, { mode: 0o600 });
      const log = await openSqliteLog({ file: join(home, 'log.db'), logger: silentLogger() });
      await log.append({
        ...{ id: newId(), source: '/node', type: 'credential_issued', time: isoNow(systemClock) },
        ...{ subject: `credential/${OWNER_CREDENTIAL}`, dataschema: 'tabbify:credential_issued/1' },
        ...{ segment: 'tenant_default.members', tenant: 'default', actor: 'system' },
        data: {
          credential_id: OWNER_CREDENTIAL,
          kind: 'person',
          name: 'owner',
          scopes: ['read', 'deploy', 'data', 'secrets:write', 'approve', 'admin'],
          token_sha256: tokenHash(token),
        },
      });
      await log.close();
    },
  });
  try {
    expect([node.token, await keyOf(node)]).toEqual([token, token]);
    expect(await node.events(['credential_issued'])).toHaveLength(1); // nothing was issued anew
    const made = await node.call('/v1/offices', { method: 'POST', json: { name: 'bakery' } });
    expect(made.status).toBe(201);
    expect((await node.call('/v1/tokens')).json.tokens).toMatchObject([{ name: 'owner', role: 'owner' }]);
  } finally {
    await node.close();
  }
});

test('a revoked key never comes back: the next start makes a new one', async () => {
  const node = await startTestNode();
  try {
    const before = node.token;
    const revoked = await node.call(`/v1/tokens/${OWNER_CREDENTIAL}`, { method: 'DELETE' });
    expect(revoked.json).toMatchObject({
      state: 'revoked',
      warnings: [expect.stringContaining('node.key'), expect.stringContaining('you asked with')],
    });
    expect((await node.call('/v1/apps')).status).toBe(401);
    expect(await keyOf(node)).toBe(before);
    await node.restart();
    expect(node.token).not.toBe(before);
    expect(await keyOf(node)).toBe(node.token);
    expect((await node.call('/v1/apps')).status).toBe(200);
    expect((await node.call('/v1/apps', { token: before })).status).toBe(401);
    // not even when the old file is put back
    await writeFile(join(node.home, 'node.key'), `${before}\n`, { mode: 0o600 });
    await node.restart();
    expect(node.token).not.toBe(before);
    expect((await node.call('/v1/apps', { token: before })).status).toBe(401);
  } finally {
    await node.close();
  }
});

test('a lesser token in the key file is left there, and gains nothing', async () => {
  const node = await startTestNode();
  try {
    const { token } = await issue(node, { name: 'anna', role: 'viewer' });
    await writeFile(join(node.home, 'node.key'), `${token}\n`, { mode: 0o600 });
    await node.restart();
    expect(node.token).toBe(token);
    expect((await node.call('/v1/apps')).status).toBe(200);
    expect((await node.call('/v1/tokens')).status).toBe(403);
  } finally {
    await node.close();
  }
});
