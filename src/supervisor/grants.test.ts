import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AppGrant } from '../app/index.ts';
import type { DeniedHost } from '../runner/index.ts';
import { newApp, openTestHost, primaryRecord, runnerPids, type TestHost } from './test-support/host.ts';
import { type LeftRunner, leaveRunner } from './test-support/left-runner.ts';
import { type BuiltArtifact, buildTiny } from './test-support/tiny-artifact.ts';
import { until } from './test-support/until.ts';

let tiny: BuiltArtifact;
beforeAll(async () => {
  tiny = await buildTiny();
});
afterAll(() => tiny.remove());

let host: TestHost;
let app: string;
let left: LeftRunner | null = null;
beforeEach(async () => {
  host = await openTestHost(tiny.folder);
  app = newApp();
});
afterEach(async () => {
  left?.close();
  left = null;
  await host.close();
});

const granting = (...http: string[]): AppGrant => ({ http, apps: [], secrets: [] });
const grants = () => left?.told.flatMap((each) => (each.cmd === 'grant' ? [each.grant.http] : [])) ?? [];
const pidOf = () => primaryRecord(host.home, app)?.pid;

function assign(grant: AppGrant): void {
  host.node.assign(host.assignment(app, 1, { grant }));
}

it('a runner that is taken over is told what its app may do, and so is it of each change, as it runs', async () => {
  assign(granting('a.example'));
  left = await leaveRunner(host, app, (_command, ask) => ask());
  const pid = pidOf();
  const supervisor = await host.start();
  await until('it is told', () => grants().length === 1);
  assign(granting());
  await until('it is told again', () => grants().length === 2);
  expect(grants()).toEqual([['a.example'], []]);
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  expect([pidOf(), runnerPids(host.home).length]).toEqual([pid, 1]);
});

it('it is told how it calls other apps, and anew when the node has made another key', async () => {
  const calling = (call_key: string): AppGrant => ({
    ...granting(),
    apps: [{ name: 'shop', id: app }],
    call_key,
  });
  assign(calling('one'));
  left = await leaveRunner(host, app, (_command, ask) => ask());
  await host.start();
  await until('it is told', () => grants().length === 1);
  assign(calling('two'));
  await until('it is told again', () => grants().length === 2);
  expect(left.told.filter(({ cmd }) => cmd === 'grant')).toEqual(
    ['one', 'two'].map((key) => ({ cmd: 'grant', grant: calling(key), node: host.node.url })),
  );
});

it('one that has just died when it is to be told has crashed: it is not replaced without a word', async () => {
  assign(granting('a.example'));
  left = await leaveRunner(host, app, (_command, ask) => ask());
  await host.start();
  await until('it is told', () => grants().length === 1);
  const told = () => host.node.events.find(({ type }) => type === 'app_crashed');
  process.kill(pidOf() ?? 0, 'SIGKILL');
  left.close();
  assign(granting());
  expect((await until('the crash', told)).data).toMatchObject({ app, generation: 1 });
});

it('one that does not understand it is replaced', async () => {
  assign(granting('a.example'));
  const unknown = { reply: 'err', code: 'command_unknown', message: 'No command' };
  left = await leaveRunner(host, app, async ({ cmd }, ask) => (cmd === 'grant' ? unknown : ask()));
  const pid = pidOf();
  await host.start({ drainMs: 0 });
  await until('another serves', () => pidOf() !== pid);
  await until('the first is gone', () => !runnerPids(host.home).includes(pid ?? 0));
  expect(primaryRecord(host.home, app)?.grant).toEqual(granting('a.example'));
});

it('what an app was denied is told once for each entry, for 50 of them, and only what is an entry', async () => {
  assign(granting());
  let denied: DeniedHost[] = [
    { entry: 'a.example', times: 2 },
    { entry: 'no entry', times: 1 },
  ];
  left = await leaveRunner(host, app, async ({ cmd }, ask) =>
    cmd === 'health' ? { ...(await ask()), denied } : ask(),
  );
  const rounds = new Set<() => Promise<void>>();
  await host.start({
    ticker: (round) => {
      rounds.add(round);
      return () => rounds.delete(round);
    },
  });
  const look = () => Promise.all([...rounds].map((round) => round()));
  const told = () => host.node.events.filter(({ type }) => type === 'egress_denied').map(({ data }) => data);
  await look();
  await until('it is told', () => told().length === 1);
  expect(told()).toEqual([{ app, generation: 1, entry: 'a.example', times: 2 }]);
  denied = Array.from({ length: 60 }, (_, n) => ({ entry: `host-${n}.example:8080`, times: n + 1 }));
  for (let turn = 0; turn < 3; turn++) await look();
  await until('as many are told as may be', () => told().length === 50);
  const others = told().slice(1) as { readonly entry: string }[];
  expect(new Set(others.map(({ entry }) => entry)).size).toBe(49);
});
