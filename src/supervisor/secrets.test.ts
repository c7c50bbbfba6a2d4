import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type GrantedSecret, NO_GRANT } from '../app/index.ts';
import type { Supervisor } from './supervisor.ts';
import { newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const VALUE = 'Zq8-value-of-a-test-5hT';
const KEY: GrantedSecret = { name: 'api_key', env_var: 'API_KEY', required: true };

const host = tinyHost('file');
const supervisors: Supervisor[] = [];
let gateway: Server;
/** What it was asked for. */
let asked: { tenant: string; app_uuid: string; spawn_id: string; names: string[]; generation: number }[] = [];
let bearers: (string | undefined)[] = [];
/** By name, what it gives out. */
let held: Record<string, string> = {};
/** Answers that come before any other. */
let first: { status: number; code: string }[] = [];
let clock = Date.now();

beforeEach(async () => {
  [asked, bearers, held, first] = [[], [], { api_key: VALUE }, []];
  clock = Date.now();
  gateway = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const question = JSON.parse(text);
    asked.push(question);
    bearers.push(request.headers.authorization);
    const refusal = first.shift();
    const names = question.names.filter((name: string) => name in held);
    const answer =
      refusal === undefined
        ? {
            secrets: Object.fromEntries(
              names.map((name: string) => [name, Buffer.from(held[name] ?? '').toString('base64')]),
            ),
            kinds: Object.fromEntries(names.map((name: string) => [name, 'token'])),
          }
        : {
            title: 't',
            status: refusal.status,
            detail: 'refused by the test',
            hint: 'h',
            code: refusal.code,
          };
    response.writeHead(refusal?.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
});
afterEach(async () => {
  await Promise.all(supervisors.splice(0).map((each) => each.close()));
  for (const pid of runnerPids(host.home)) process.kill(pid, 'SIGKILL');
  await until('no runner', () => runnerPids(host.home).length === 0);
  host.node.assign();
  host.node.events.splice(0);
  gateway.closeAllConnections();
  gateway.close();
});

async function start(options: object = {}): Promise<Supervisor> {
  const supervisor = await host.start({
    gatewayUrl: () => `http://127.0.0.1:${(gateway.address() as AddressInfo | null)?.port ?? 1}`,
    clock: { now: () => clock },
    ...options,
  });
  supervisors.push(supervisor);
  return supervisor;
}
const granted = (app: string, generation: number, secrets: readonly GrantedSecret[], changes: object = {}) =>
  host.assignment(app, generation, {
    env: { TABBIFY_OFFICE: 'acme' },
    grant: { ...NO_GRANT, secrets },
    ...changes,
  });
const wake = (supervisor: Supervisor, app: string) => host.call(supervisor, 'POST', `/v1/apps/${app}/wake`);
const eventOf = (type: string) => until(`event ${type}`, () => host.node.events.find((e) => e.type === type));

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

it('an app gets what it is granted, asked for once at its start, and it is on no disk, in no argument, environment or event', async () => {
  const app = newApp();
  host.node.assign(granted(app, 1, [KEY, { name: 'absent', env_var: 'ABSENT', required: false }]));
  const supervisor = await start();
  const at = await host.wake(supervisor, app);
  expect((await host.visit(at)).status).toBe(200);
  expect(asked).toMatchObject([
    { tenant: 'acme', app_uuid: app, names: ['api_key', 'absent'], generation: 1 },
  ]);
  expect(asked[0]?.spawn_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(bearers).toEqual(['Bearer credential-1']);
  expect(primaryRecord(host.home, app)?.grant?.secrets).toMatchObject([KEY, { name: 'absent' }]);
  await eventOf('app_started');
  const needles = [VALUE, Buffer.from(VALUE).toString('base64')];
  const holds = (bytes: Buffer | string) => needles.some((needle) => bytes.includes(needle));
  expect(everyFile(host.home).filter((path) => holds(readFileSync(path)))).toEqual([]);
  const [pid] = runnerPids(host.home);
  for (const what of ['cmdline', 'environ']) expect(holds(readFileSync(`/proc/${pid}/${what}`))).toBe(false);
  expect(holds(JSON.stringify(host.node.events))).toBe(false);
});

it('an app that is granted none starts without a gateway, and so does a preview', async () => {
  const [plain, preview] = [newApp(), newApp()];
  host.node.assign(granted(plain, 1, []), granted(preview, 1, [KEY], { environment: 'preview-1' }));
  const supervisor = await start({ gatewayUrl: () => null });
  for (const app of [plain, preview])
    expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  expect(asked).toEqual([]);
});

it('without a secret that it requires it does not start, says which command registers it, and starts once it is there', async () => {
  const app = newApp();
  held = {};
  host.node.assign(granted(app, 1, [KEY]));
  const supervisor = await start();
  for (let tried = 0; tried < 12; tried++) {
    clock += 600_000;
    const refused = await wake(supervisor, app);
    expect(refused.status).toBe(503);
    const { detail, hint } = (await refused.json()) as { detail: string; hint: string };
    expect(detail).toContain('`tabbify secrets register api_key <kind> --from-stdin --tenant acme`');
    expect(detail).not.toContain('too often');
    expect(hint).toContain('Register');
  }
  await until('what was begun beside it to be ended', () => runnerPids(host.home).length === 0);
  const typesSaid = host.node.events.filter(({ data }) => data.app === app).map(({ type }) => type);
  expect(typesSaid.filter((type) => /crash|restart_changed/.test(type))).toEqual([]);
  held = { api_key: VALUE };
  clock += 1_000;
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
});

it('a crowd of visitors asks the gateway once', async () => {
  const app = newApp();
  held = {};
  host.node.assign(granted(app, 1, [KEY]));
  const supervisor = await start();
  for (let visitor = 0; visitor < 5; visitor++) expect((await wake(supervisor, app)).status).toBe(503);
  expect(asked).toHaveLength(1);
});

it('a deployment that lacks a secret fails with those words', async () => {
  const app = newApp();
  held = {};
  host.node.assign(granted(app, 1, [KEY], { pinned: true }));
  await start();
  const { data } = await eventOf('assignment_failed');
  expect(data).toMatchObject({ app, generation: 1, stage: 'secrets' });
  expect(data.reason).toContain('tabbify secrets register api_key <kind>');
});

it('with the gateway away it is said to be that, and what should run is tried again with growing pauses', async () => {
  const app = newApp();
  const rounds: (() => Promise<void>)[] = [];
  const ticker = (round: () => Promise<void>) => {
    rounds.push(round);
    return () => {};
  };
  host.node.assign(granted(app, 1, [KEY], { pinned: true }));
  const before = await start({ ticker }); // it has run here before
  await until('its report', () =>
    host.node.events.some((e) => e.type === 'assignment_applied' && e.data.app === app),
  );
  await before.close();
  for (const pid of runnerPids(host.home)) process.kill(pid, 'SIGKILL');
  await until('no runner', () => runnerPids(host.home).length === 0);
  const began = asked.length;
  let url: string | null = 'http://127.0.0.1:9';
  const supervisor = await start({ ticker, gatewayUrl: () => url });
  const look = async (ms: number) => {
    clock += ms;
    await rounds.at(-1)?.();
  };
  await look(300_000);
  const refused = await wake(supervisor, app);
  const { detail, hint } = (await refused.json()) as { detail: string; hint: string };
  expect([refused.status, detail]).toEqual([
    503,
    expect.stringMatching(
      /^secrets: The gateway at http:\/\/127.0.0.1:9 does not answer; secrets cannot be had: /,
    ),
  ]);
  expect(hint).toContain('TABBIFY_GATEWAY_URL');
  url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  await look(1_000); // not so soon
  expect(asked).toHaveLength(began);
  await look(300_000);
  await until('the app to be up', () => runnerPids(host.home).length === 1);
  expect(asked.length).toBeGreaterThan(began);
});

it('an id that was used and a credential that has ended are replaced, a refusal is told', async () => {
  const app = newApp();
  host.node.assign(granted(app, 1, [KEY]));
  const supervisor = await start();
  first = [
    { status: 409, code: 'spawn_used' },
    { status: 401, code: 'credential_missing' },
  ];
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  expect(new Set(asked.map(({ spawn_id }) => spawn_id)).size).toBe(3);
  expect(new Set(bearers).size).toBe(2);
  const other = newApp();
  host.node.assign(granted(other, 1, [KEY]));
  first = [{ status: 403, code: 'spawn_refused' }];
  const refused = await until('a refusal', async () => {
    const answer = await wake(supervisor, other);
    return answer.status === 503 ? answer : null;
  });
  expect(await refused.text()).toContain('refused by the test');
});

it('it starts anew when it is granted another secret, and ends where it has one that was revoked and cannot', async () => {
  const app = newApp();
  const always = { pinned: true };
  host.node.assign(granted(app, 1, [], always));
  const supervisor = await start({ drainMs: 0 });
  const pidOf = () => primaryRecord(host.home, app)?.pid;
  const before = await until('the app to be up', () => pidOf());
  const both = { ...NO_GRANT, http: ['b.example'], secrets: [KEY] };
  host.node.assign(granted(app, 1, [], { ...always, grant: both }));
  const second = await until('another runner', () => (pidOf() === before ? null : pidOf()));
  expect(primaryRecord(host.home, app)?.grant).toEqual(both);
  host.node.assign(granted(app, 1, [{ ...KEY, required: false }], always));
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
  expect(pidOf()).toBe(second);
  held = {};
  host.node.assign(granted(app, 1, [{ name: 'other', env_var: 'API_KEY', required: true }], always));
  await until('its end', () => pidOf() === undefined);
  expect((await eventOf('app_stopped')).data).toMatchObject({ app, reason: 'revoked' });
});

it('without one that was taken back it does not start, nobody is asked for the others, and its words name the way back', async () => {
  const app = newApp();
  const OTHER: GrantedSecret = { name: 'other', env_var: 'OTHER', required: false };
  const withheld = { ...NO_GRANT, secrets: [OTHER], withheld: ['api_key'] };
  host.node.assign(granted(app, 1, [], { grant: withheld }));
  const supervisor = await start();
  const refused = await wake(supervisor, app);
  const { detail, hint } = (await refused.json()) as { detail: string; hint: string };
  expect([refused.status, detail]).toEqual([
    503,
    `secrets: The app needs the secret api_key: it was granted and taken back; \`tabbify deploy ${app}\` asks for it again`,
  ]);
  expect(hint).toContain('approved');
  expect(asked.filter((each) => each.app_uuid === app)).toEqual([]);
  await until('what was begun beside it to be ended', () => runnerPids(host.home).length === 0);
  const preview = newApp();
  host.node.assign(granted(preview, 1, [], { grant: withheld, environment: 'preview-1' }));
  expect((await host.visit(await host.wake(supervisor, preview))).status).toBe(200);
});

it('what runs ends when a secret that it requires is taken back, and starts when it is granted again', async () => {
  const app = newApp();
  const always = { pinned: true };
  host.node.assign(granted(app, 1, [KEY], always));
  const supervisor = await start({ drainMs: 0 });
  const pidOf = () => primaryRecord(host.home, app)?.pid;
  await until('the app to be up', () => pidOf());
  host.node.assign(granted(app, 1, [], { ...always, grant: { ...NO_GRANT, withheld: ['api_key'] } }));
  await until('its end', () => pidOf() === undefined);
  expect((await eventOf('app_stopped')).data).toMatchObject({ app, reason: 'revoked' });
  expect((await wake(supervisor, app)).status).toBe(503);
  host.node.assign(granted(app, 2, [KEY], always));
  clock += 1_000;
  await until('the app to be up again', () => pidOf());
  expect((await host.visit(await host.wake(supervisor, app))).status).toBe(200);
});
