import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AppGrant } from '../app/index.ts';
import { type ControlCommand, sendControl } from '../runner/index.ts';
import type { Supervisor } from './supervisor.ts';
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
let between: Server | null = null;
const told: ControlCommand[] = [];
beforeEach(async () => {
  host = await openTestHost(tiny.folder);
  app = newApp();
  told.length = 0;
});
afterEach(async () => {
  between?.close();
  between = null;
  await host.close();
});

const granting = (...http: string[]): AppGrant => ({ http, apps: [], secrets: [] });
const SECRET = { name: 'key', env_var: 'KEY', required: true };
const grants = () => told.flatMap((command) => (command.cmd === 'grant' ? [command.grant.http] : []));
const pidOf = () => primaryRecord(host.home, app)?.pid;

function assign(grant: AppGrant): void {
  host.node.assign(host.assignment(app, 1, { grant }));
}

/** Leaves a runner behind whose commands are listened to, and which may know no grants. */
async function leaveRunner(first: Supervisor, knowsGrants: boolean): Promise<void> {
  await host.wake(first, app);
  await first.close();
  const left = primaryRecord(host.home, app)!;
  const socket = `${left.socket}.1`;
  between = createServer((connection) => {
    connection.setEncoding('utf8').once('data', async (line: string) => {
      const command = JSON.parse(line) as ControlCommand;
      told.push(command);
      const isKnown = knowsGrants || command.cmd !== 'grant';
      const reply = isKnown
        ? await sendControl(left.socket, command, 5_000)
        : { reply: 'err', code: 'command_unknown', message: 'No command' };
      connection.end(`${JSON.stringify(reply)}\n`);
    });
  });
  await new Promise<void>((resolve) => between?.listen(socket, resolve));
  const record = JSON.stringify({ ...left, socket });
  writeFileSync(join(host.home, 'runners', `${app}.json`), record, { mode: 0o600 });
}

it('a runner that is taken over is told what its app may do, and so is it of each change, as it runs', async () => {
  assign(granting('a.example'));
  await leaveRunner(await host.start(), true);
  const pid = pidOf();
  const supervisor = await host.start();
  await until('it is told', () => grants().length === 1);
  assign(granting());
  await until('it is told again', () => grants().length === 2);
  expect(grants()).toEqual([['a.example'], []]);
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  expect([pidOf(), runnerPids(host.home).length]).toEqual([pid, 1]);
});

it('one that does not understand it is replaced', async () => {
  assign(granting('a.example'));
  await leaveRunner(await host.start(), false);
  const pid = pidOf();
  await host.start({ drainMs: 0 });
  await until('another serves', () => pidOf() !== pid);
  await until('the first is gone', () => !runnerPids(host.home).includes(pid ?? 0));
  expect(primaryRecord(host.home, app)?.grant).toEqual(granting('a.example'));
});

it('another secret starts the app anew, with the grant as it is then', async () => {
  assign(granting('a.example'));
  const supervisor = await host.start({ drainMs: 0 });
  await host.wake(supervisor, app);
  const pid = pidOf();
  assign({ ...granting('b.example'), secrets: [SECRET] });
  await until('another serves', () => pidOf() !== pid);
  expect(primaryRecord(host.home, app)?.grant).toEqual({ ...granting('b.example'), secrets: [SECRET] });
});
