import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OfficeConfig, readOfficeConfig } from './config.ts';
import { homePaths } from './home.ts';
import { up } from './up.ts';

const ANY = '127.0.0.1:0';
let home: string;
let config: OfficeConfig;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-office-'));
  config = readOfficeConfig(
    { TABBIFY_LOG_LEVEL: 'silent' },
    { home, nodeBind: ANY, gatewayBind: ANY, supervisorBind: ANY, supervisorName: 'local' },
  );
});
afterEach(() => rm(home, { recursive: true, force: true }));

const credential = () => readFile(join(home, 'supervisor-local.json'), 'utf8');

test.each([
  ['was lost', () => rm(join(home, 'supervisor-local.json'))],
  ['cannot be read', () => writeFile(join(home, 'supervisor-local.json'), '{"name":"lo')],
])('a host whose credential %s joins again by itself, under its name', async (_how, lose) => {
  await (await up(config)).close();
  const before = await credential();
  await lose();
  const office = await up(config);
  try {
    const key = (await readFile(homePaths(home).ownerKey, 'utf8')).trim();
    const headers = { authorization: `Bearer ${key}` };
    const list = async () =>
      (await (await fetch(`${office.record.node_url}/v1/supervisors`, { headers })).json()) as unknown;
    await expect
      .poll(list, { timeout: 10_000, interval: 20 })
      .toMatchObject({ supervisors: [{ name: 'local', state: 'present' }] });
    const now = await credential();
    expect(now).not.toBe(before);
    const old = { authorization: `Bearer ${JSON.parse(before).credential}` };
    const refused = await fetch(`${office.record.node_url}/v1/supervisors/local/desired`, { headers: old });
    expect(refused.status).toBe(401);
  } finally {
    await office.close();
  }
});

test('a credential that was kept is used again: nothing is issued by a second start', async () => {
  await (await up(config)).close();
  const before = await credential();
  await (await up(config)).close();
  expect(await credential()).toBe(before);
});
