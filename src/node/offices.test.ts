import { afterEach, beforeEach, expect, test } from 'vitest';
import { OTHER, TINY, tinyApp } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const create = (json: unknown, options: { token?: string; headers?: Record<string, string> } = {}) =>
  node.call('/v1/offices', { method: 'POST', json, ...options });
const inOffice = (slug: string) => ({ headers: { 'tabbify-office': slug } });
const slugs = async (token?: string) =>
  (await node.call('/v1/offices', token === undefined ? {} : { token })).json.offices.map(
    ({ slug }: { slug: string }) => slug,
  );

test('the first office is there from the beginning; others are made, with a slug from their name', async () => {
  expect((await node.call('/v1/offices')).json.offices).toMatchObject([
    { slug: 'default', created_at: null },
  ]);
  const made = await create({ name: 'Hugo’s Café' });
  expect(made).toMatchObject({
    status: 201,
    json: { slug: 'hugo-s-cafe', name: 'Hugo’s Café', created_by: 'user:owner' },
  });
  expect(await slugs()).toEqual(['default', 'hugo-s-cafe']);
  const [event] = await node.events(['office_created']);
  expect(event).toMatchObject({
    ...{ segment: 'tenant_hugo-s-cafe.members', subject: 'office/hugo-s-cafe', tenant: 'hugo-s-cafe' },
    ...{ actor: 'user:owner', data: { office: 'hugo-s-cafe', name: 'Hugo’s Café' } },
  });
  await node.restart();
  expect(await slugs()).toEqual(['default', 'hugo-s-cafe']);
});

test.each([
  [{ name: 'x', slug: 'Not A Slug' }, 400, 'request_invalid'],
  [{ name: 'x', slug: 'a--b' }, 400, 'request_invalid'],
  [{ name: '!!!' }, 400, 'request_invalid'],
  [{ name: 'platform' }, 409, 'name_reserved'],
  [{ name: 'x', slug: 'default' }, 409, 'name_taken'],
  [{}, 400, 'request_invalid'],
])('%j is no office: %i %s', async (body, status, code) => {
  expect((await create(body)).json).toMatchObject({ status, code });
  expect(await slugs()).toEqual(['default']);
});

test('two at once: one makes the office, the other is told; a repeat under one key is answered as the first', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => create({ name: 'bakery' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  const headers = { 'idempotency-key': 'k' };
  const first = await create({ name: 'forge' }, { headers });
  const again = await create({ name: 'forge' }, { headers });
  expect([first.status, again.status, again.json]).toEqual([201, 201, first.json]);
  expect(await node.events(['office_created'])).toHaveLength(2);
});

test('only an owner of the machine makes offices and sees more than his own', async () => {
  const boss = await openOffice(node, 'bakery');
  const developer = (await issue(node, { name: 'dev', role: 'developer' })).token;
  const admin = (await issue(node, { name: 'adm', scopes: ['read', 'admin'] })).token;
  for (const token of [boss, developer, admin])
    expect((await create({ name: 'another' }, { token })).json).toMatchObject({
      status: 403,
      code: 'not_allowed',
    });
  expect(await slugs(boss)).toEqual(['bakery']);
  expect(await slugs(developer)).toEqual(['default']);
  // an owner of the first office is one, whoever issued the credential
  const second = (await issue(node, { name: 'second', role: 'owner' })).token;
  expect((await create({ name: 'another' }, { token: second })).status).toBe(201);
});

test('the header picks an office for owners of the machine alone', async () => {
  const boss = await openOffice(node, 'bakery');
  const developer = (await issue(node, { name: 'dev', role: 'developer' })).token;
  const unknown = await node.call('/v1/apps', inOffice('nowhere'));
  expect(unknown.json).toMatchObject({ status: 404, code: 'office_unknown' });
  expect((await node.call('/v1/apps', inOffice('bakery'))).status).toBe(200);
  expect((await node.call('/v1/apps', { token: boss, ...inOffice('bakery') })).status).toBe(200);
  for (const token of [boss, developer]) {
    const own = token === boss ? 'bakery' : 'default';
    const texts = [];
    for (const slug of ['bakery', 'default', 'nowhere'].filter((each) => each !== own)) {
      const refused = await node.call('/v1/apps', { token, ...inOffice(slug) });
      expect(refused.json).toMatchObject({ status: 403, code: 'not_allowed' });
      texts.push(refused.text);
    }
    expect(new Set(texts).size).toBe(1); // nobody learns which offices there are
  }
});

test('apps, deployments, events and counts of one office are unknown to the other', async () => {
  const boss = await openOffice(node, 'bakery');
  const mine = await placeApp(node.log);
  const supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  try {
    const theirs = await placeApp(node.log, { app: OTHER, office: 'bakery', slug: 'bread' });
    const asked = async (path: string, token?: string) =>
      node.call(path, token === undefined ? {} : { token });
    for (const [token, app, deployment] of [
      [undefined, OTHER, theirs],
      [boss, TINY, mine],
    ] as const) {
      for (const path of [
        `/v1/apps/${app}`,
        `/v1/apps/${app}/versions`,
        `/v1/apps/${app}/logs`,
        `/v1/deployments/${deployment}`,
        `/v1/deployments/${deployment}/stream`,
      ]) {
        expect([path, (await asked(path, token)).status]).toEqual([path, 404]);
      }
      const own = `/v1/deployments/${deployment === mine ? theirs : mine}`;
      expect((await asked(own, token)).status).toBe(200);
      for (const action of ['start', 'stop', 'deploy']) {
        const { status } = await node.call(`/v1/apps/${app}/${action}`, {
          method: 'POST',
          json: {},
          ...(token === undefined ? {} : { token }),
        });
        expect([action, status]).toEqual([action, 404]);
      }
      const pushed = await node.push(
        app,
        await tinyApp(app, 'mine-now'),
        token === undefined ? {} : { token },
      );
      expect(pushed.status).toBe(404);
      const { apps } = (await asked('/v1/apps', token)).json;
      expect(apps.map(({ uuid }: { uuid: string }) => uuid)).toEqual([app === OTHER ? TINY : OTHER]);
      const { supervisors } = (await asked('/v1/supervisors', token)).json;
      expect(supervisors).toMatchObject([{ name: 'local', apps: 1 }]);
      const { events } = (await asked('/v1/events?limit=1000', token)).json;
      const tenants = new Set(events.map(({ tenant }: { tenant: string }) => tenant));
      expect([...tenants]).toEqual([token === boss ? 'bakery' : 'default']);
    }
    // the host hears of both, and what it observes belongs to the app's office
    const said = await supervisor.say('app_stopped', { app: OTHER, generation: 1, reason: 'idle' });
    expect(said.status).toBe(201);
    const [stopped] = await node.events(['app_stopped']);
    expect(stopped).toMatchObject({
      tenant: 'bakery',
      segment: 'platform.hosts.local',
      actor: 'supervisor:local',
    });
    const { assignments } = (
      await node.call('/v1/supervisors/local/desired', { token: supervisor.credential })
    ).json;
    expect(assignments.map(({ app }: { app: string }) => app)).toEqual([OTHER, TINY].sort());
  } finally {
    await supervisor.close();
  }
});

test('hosts belong to the machine: an owner of another office cannot take one over', async () => {
  const boss = await openOffice(node, 'bakery');
  const supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  try {
    for (const json of [{ name: 'local', replace: true }, { name: 'another' }]) {
      const refused = await node.call('/v1/supervisors', { method: 'POST', token: boss, json });
      expect(refused.json).toMatchObject({ status: 403, code: 'not_allowed' });
    }
    expect((await supervisor.announce()).status).toBe(204);
  } finally {
    await supervisor.close();
  }
});
