import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startChild } from '../kit/index.ts';
import { startTimeOf } from './process-identity.ts';
import type { RunnerRecord } from './runner-record.ts';
import { newApp, openTestHost, primaryRecord, runnerPids, type TestHost } from './test-support/host.ts';
import { type BuiltArtifact, buildTiny } from './test-support/tiny-artifact.ts';
import { until } from './test-support/until.ts';

let tiny: BuiltArtifact;
beforeAll(async () => {
  tiny = await buildTiny();
});
afterAll(() => tiny.remove());

let host: TestHost;
let app: string;
beforeEach(async () => {
  host = await openTestHost(tiny.folder);
  app = newApp();
  host.node.assign(host.assignment(app, 1));
});
afterEach(() => host.close());

/** Leaves a runner of the app behind; gives back its record. */
async function leaveRunner(): Promise<RunnerRecord> {
  const supervisor = await host.start();
  await host.wake(supervisor, app);
  await supervisor.close();
  return primaryRecord(host.home, app)!;
}

function rewriteRecord(changes: Partial<RunnerRecord>, name = `${app}.json`): void {
  const record = { ...primaryRecord(host.home, app), ...changes };
  writeFileSync(join(host.home, 'runners', name), JSON.stringify(record), { mode: 0o600 });
}

const crashes = () => host.node.events.filter((event) => event.type === 'app_crashed');

it('does not touch a stranger that has the pid of a dead runner', async () => {
  const left = await leaveRunner();
  process.kill(left.pid, 'SIGKILL');
  const stranger = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} });
  try {
    rewriteRecord({ pid: stranger.pid! });
    await host.start();
    await until('the report', () => crashes().length === 1);
    expect(startTimeOf(stranger.pid!)).not.toBeNull();
    expect(primaryRecord(host.home, app)).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

it('ends what has the right pid and start time and not the right nonce, and starts the app anew', async () => {
  const left = await leaveRunner();
  rewriteRecord({ nonce: randomUUID() });
  const supervisor = await host.start();
  await until('its end', () => startTimeOf(left.pid) === null);
  await host.wake(supervisor, app);
  expect(runnerPids(host.home)).toEqual([primaryRecord(host.home, app)!.pid]);
});

it('ends a runner whose start was cut short', async () => {
  const left = await leaveRunner();
  rewriteRecord({ generation: 2 }, `${app}.g2.json`);
  await host.start();
  await until('its end', () => startTimeOf(left.pid) === null);
});

it('clears a record nobody can read; its runner ends by itself', async () => {
  const left = await leaveRunner();
  writeFileSync(join(host.home, 'runners', `${app}.json`), '{"format":1,');
  await host.start();
  await until('its end', () => startTimeOf(left.pid) === null);
  expect(readFileSync(left.log_file, 'utf8')).toContain('the record has vanished');
});

it('leaves runners of another supervisor of the same home alone', async () => {
  const left = await leaveRunner();
  rewriteRecord({ supervisor: 'other' });
  host.node.assign();
  await host.start();
  expect(startTimeOf(left.pid)).toBe(left.start_time);
  expect(primaryRecord(host.home, app)).toMatchObject({ supervisor: 'other' });
});

it('tells of a runner that died while nobody watched', async () => {
  const left = await leaveRunner();
  process.kill(left.pid, 'SIGKILL');
  await host.start();
  const [crash] = await until('the report', () => (crashes().length > 0 ? crashes() : null));
  expect(crash!.data).toMatchObject({ app, generation: 1, code: null, signal: null });
  expect(crash!.data.log_tail).not.toEqual([]);
});
