import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OfficeConfig, readOfficeConfig } from './config.ts';
import { homePaths } from './home.ts';
import { readOfficeRecord, removeOfficeRecord, writeOfficeRecord } from './record.ts';
import { up } from './up.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-office-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const ANY = '127.0.0.1:0';
const configOf = (nodeBind = ANY): OfficeConfig =>
  readOfficeConfig(
    { TABBIFY_LOG_LEVEL: 'silent' },
    { home, nodeBind, gatewayBind: ANY, supervisorBind: ANY },
  );

test('a second office in the same home says where the first one answers, and leaves it its record', async () => {
  const office = await up(configOf());
  try {
    await expect(up(configOf())).rejects.toMatchObject({
      code: 'office_running',
      what: `The office is already open at ${office.record.node_url}`,
      hint: expect.stringContaining('tabbify status'),
    });
    expect(await readOfficeRecord(homePaths(home).record)).toEqual(office.record);
    expect((await fetch(`${office.record.node_url}/health`)).status).toBe(200);
  } finally {
    await office.close();
  }
  expect(await readOfficeRecord(homePaths(home).record)).toBeNull();
});

test('an office that is closing is waited for', async () => {
  const office = await up(configOf());
  const { hostname, port } = new URL(office.record.node_url);
  const mute = connect(Number(port), hostname); // holds the end up for a quarter of a second
  mute.on('error', () => {});
  await once(mute, 'connect');
  const closed = office.close();
  await expect.poll(async () => (await readOfficeRecord(homePaths(home).record))?.closing ?? true).toBe(true);
  const next = await up(configOf());
  await closed;
  expect(await readOfficeRecord(homePaths(home).record)).toEqual(next.record);
  await next.close();
});

test('a record that the next office has written meanwhile is left alone', async () => {
  const office = await up(configOf());
  const next = { ...office.record, pid: office.record.pid + 1 };
  await writeOfficeRecord(homePaths(home).record, next);
  await removeOfficeRecord(homePaths(home).record);
  expect(await readOfficeRecord(homePaths(home).record)).toEqual(next);
  await office.close();
});

test('a socket that was lost on the way from the service manager is told as that', async () => {
  const config = configOf();
  const lost = up({ ...config, node: { ...config.node, passedFd: 9_999 } });
  await expect(lost).rejects.toMatchObject({
    code: 'bind_failed',
    why: expect.stringContaining('descriptor 9999 is no TCP socket'),
    hint: expect.stringContaining('--print-unit'),
  });
  await (await up(config)).close(); // the home was let go of
});

test('an address that is taken is named, with the setting that chooses another', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  try {
    await expect(up(configOf(`127.0.0.1:${port}`))).rejects.toMatchObject({
      code: 'bind_failed',
      what: `Cannot listen on 127.0.0.1:${port}`,
      hint: expect.stringContaining('TABBIFY_NODE_BIND=127.0.0.1:0'),
    });
  } finally {
    other.close();
  }
});
