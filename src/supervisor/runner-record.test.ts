import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { httpEndpoint } from '../kit/index.ts';
import {
  findRecords,
  flipRecord,
  forgetRunner,
  type RunnerRecord,
  runnerRecord,
  saveStaged,
} from './runner-record.ts';

const app = '0191e7c2-1111-7222-8333-444455556666';
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'records-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const record = (generation: number): RunnerRecord => ({
  format: 1,
  supervisor: 'test',
  app,
  version: generation,
  generation,
  pid: 4242,
  start_time: 1,
  nonce: `nonce-${generation}`,
  socket: join(home, `${generation}.sock`),
  endpoint: httpEndpoint('127.0.0.1', 1),
  runner_key: 'key',
  protocol: 1,
  runtime_digest: 'r',
  artifact_digest: 'a',
  log_file: join(home, 'runners', `${app}.log`),
  started_at: '2026-01-01T00:00:00.000Z',
  overridden_stop: 0,
});

it('is staged for its owner alone, then takes the primary place', async () => {
  await saveStaged(home, record(1));
  const [staged] = await findRecords(home);
  expect(staged).toMatchObject({ staged: true, record: record(1) });
  expect(statSync(staged!.path).mode & 0o777).toBe(0o600);
  await flipRecord(home, record(1));
  expect(await findRecords(home)).toMatchObject([{ staged: false, record: record(1) }]);
});

it('is not removed with the runner it replaced', async () => {
  for (const generation of [1, 2]) {
    await saveStaged(home, record(generation));
    await flipRecord(home, record(generation));
  }
  await forgetRunner(home, record(1));
  expect(await findRecords(home)).toMatchObject([{ record: { generation: 2 } }]);
  await forgetRunner(home, record(2));
  expect(await findRecords(home)).toEqual([]);
});

it('takes its socket along', async () => {
  await saveStaged(home, record(1));
  writeFileSync(record(1).socket, '');
  await forgetRunner(home, record(1));
  expect(existsSync(record(1).socket)).toBe(false);
});

it('that cannot be read is found as such', async () => {
  await saveStaged(home, record(1));
  writeFileSync(join(home, 'runners', `${app}.json`), '{"format":');
  const found = await findRecords(home);
  expect(found.filter((each) => each.record === null)).toMatchObject([{ staged: false }]);
});

it.each([
  ['an endpoint', { endpoint: 'unix:/run/app.sock' }, 'unix:/run/app.sock'],
  [
    'host and port, as in control protocol 1',
    { bound: { host: '127.0.0.1', port: 7 } },
    'http://127.0.0.1:7',
  ],
  ['nowhere yet', { endpoint: null }, null],
  ['nowhere yet, as in control protocol 1', { bound: null }, null],
])('tells of a runner at %s', (_, place, endpoint) => {
  const { endpoint: _own, ...rest } = record(1);
  expect(runnerRecord.parse({ ...rest, ...place })).toEqual({ ...rest, endpoint });
});
