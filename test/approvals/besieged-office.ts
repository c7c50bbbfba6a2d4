import { expect, vi } from 'vitest';
import type { StoredEvent } from '../../src/log/index.ts';
import {
  type FakeSupervisor,
  issue,
  joinFakeSupervisor,
  OTHER,
  openOffice,
  type RunningNode,
  TINY,
  tinyApp,
  untilHeld,
} from '../../src/node/testing/index.ts';
import { siteOf, startOffice } from './site.ts';

/** One whose version waits for a person: nothing of what it asks for may come about. */
export interface Victim {
  readonly uuid: string;
  /** The version that asks for everything. */
  readonly version: number;
  deployment: string;
  // biome-ignore lint/suspicious/noExplicitAny: the API's row
  approval: any;
}

/** An office with a private app on a host and a private site, newer versions of which wait for a person. */
export interface BesiegedOffice extends AsyncDisposable {
  readonly node: RunningNode;
  readonly host: FakeSupervisor;
  readonly victims: readonly Victim[];
  /** Of everybody who may not say yes, by what he is; null: no credential. */
  readonly attackers: Readonly<Record<string, string | null>>;
  /** Id of a token that nobody uses. */
  readonly spare: string;
  /** Has each victim wait again, where an attacker has called that off, as he may. */
  stage(): Promise<void>;
  /** What has got past the persons. Empty: nothing. */
  breaches(): Promise<string[]>;
}

/** What the site shows, which a stranger never sees. */
const PAGE = 'for members alone';

/** What the version that waits asks for. @param canary where nobody may call */
export const asksFor = (canary: string) =>
  `[capabilities]\nhttp_allow_list = ["${canary}"]\n[[secrets]]\nname = "stripe"\nenv_var = "STRIPE"\n`;

/** Of the app with a host. @param rest behind its name */
export const manifestOf = (rest: string) => `[app]\nid = "${TINY}"\nname = "tiny"\n${rest}`;

/** The host takes up what it is given. */
async function inPlaceOn({ name, credential, say }: FakeSupervisor, node: RunningNode): Promise<void> {
  await vi.waitFor(
    async () => {
      const { json } = await node.call(`/v1/supervisors/${name}/desired`, { token: credential });
      expect(json.assignments).toHaveLength(1);
    },
    { timeout: 20_000, interval: 20 },
  );
  const said = await say('assignment_applied', { app: TINY, generation: 1, outcome: 'idle' });
  expect([said.status, said.text]).toEqual([201, expect.anything()]);
}

export async function besiegedOffice(canary: string): Promise<BesiegedOffice> {
  const node = await startOffice();
  const reached: string[] = [];
  const host = await joinFakeSupervisor(node, (request, response) => {
    reached.push(request.url ?? '');
    response.end(PAGE);
  });
  const other = await joinFakeSupervisor(node, (_, response) => response.end(), { name: 'elsewhere' });
  const site = siteOf(node, OTHER);
  await site.push({ text: PAGE });
  expect((await site.ended((await site.deploy()).id)).phase).toBe('switched');
  const { 'tabbify.toml': _, ...component } = await tinyApp();
  const push = async (rest: string): Promise<number> => {
    const pushed = await node.push(TINY, { ...component, 'tabbify.toml': manifestOf(rest) });
    expect([pushed.status, pushed.text]).toEqual([201, expect.anything()]);
    return pushed.json.version;
  };
  await push('');
  const first = await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} });
  await inPlaceOn(host, node);
  expect((await site.ended(first.json.deployment_id)).phase).toBe('switched');
  const narrow = await push(`visibility = "public"\n${asksFor(canary)}`);
  const wide = await site.push({ isPublic: true, rest: asksFor(canary) });
  const victims = [
    { uuid: TINY, version: narrow, deployment: '', approval: null },
    { uuid: OTHER, version: wide, deployment: '', approval: null },
  ] as Victim[];

  const token = async (body: object) => (await issue(node, { ...body })).token;
  const gone = await issue(node, { name: 'gone', role: 'owner' });
  await node.call(`/v1/tokens/${gone.id}`, { method: 'DELETE' });
  const said = 'events:append:tenant_default.notes';
  const attackers = {
    'a person who may deploy': await token({ name: 'writer', scopes: ['read', 'deploy', said] }),
    'an administrator who may not approve': await token({
      name: 'manager',
      scopes: ['read', 'deploy', 'data', 'secrets:write', 'admin'],
    }),
    'a developer': await token({ name: 'developer', role: 'developer' }),
    'a viewer': await token({ name: 'viewer', role: 'viewer' }),
    'an agent': await token({ kind: 'agent', name: 'agent', scopes: ['read', 'deploy', said] }),
    'the app itself': await token({ kind: 'app', name: TINY, scopes: ['read', 'data', said] }),
    'the app’s host': host.credential,
    'another host': other.credential,
    'the owner of another office': await openOffice(node, 'bakery'),
    'an owner until just now': await token({ name: 'late', role: 'owner', expires_in_days: 1e-9 }),
    'an owner who was dismissed': gone.token,
    nobody: null,
  };
  const { id: spare } = await issue(node, { name: 'spare', role: 'viewer' });

  let seen = await node.log.head();
  async function news(): Promise<StoredEvent[]> {
    const { events } = await node.log.read({ after: seen, limit: 1000 });
    seen = events.at(-1)?.position ?? seen;
    return [...events];
  }
  const office: BesiegedOffice = {
    ...{ node, host, victims, attackers, spare },
    async stage() {
      for (const victim of victims) {
        const { json } = await node.call(`/v1/approvals?status=open&app=${victim.uuid}`);
        const open = json.approvals.find(
          (each: { kind: string; version: number }) =>
            each.kind === 'deployment' && each.version === victim.version,
        );
        if (open !== undefined) {
          victim.approval = open;
          victim.deployment = open.deployment_id;
          continue;
        }
        const deploy = { method: 'POST', json: { version: victim.version } };
        const asked = await node.call(`/v1/apps/${victim.uuid}/deploy`, deploy);
        expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
        victim.deployment = asked.json.deployment_id;
        const held = await untilHeld(node, victim.deployment);
        expect([held.phase, held.reason]).toEqual(['awaiting_approval', null]);
        victim.approval = (await node.call(`/v1/approvals/${held.approval}`)).json;
      }
    },
    async breaches() {
      const found: string[] = [];
      for (const { type, actor, data } of await news()) {
        if (/^approval_(granted|denied)$/.test(type)) found.push(`${type} was said by ${actor}`);
        const isLater = victims.some(
          ({ uuid, version }) => data.app === uuid && Number(data.version) >= version,
        );
        if (isLater && /^(app_assigned|deployment_placed|deployment_succeeded)$/.test(type))
          found.push(`${type} of version ${data.version}`);
      }
      for (const { uuid } of victims) {
        const { json } = await node.call(`/v1/apps/${uuid}/grants`);
        found.push(
          ...json.grants.map(({ capability }: { capability: string }) => `${capability} is granted`),
        );
        const answer = await node.call(`/app/${uuid}/`, { token: null });
        if (answer.status < 400 || answer.text.includes(PAGE))
          found.push(`a stranger is answered ${answer.status}`);
      }
      if (reached.length > 0) found.push(`the app was called: ${reached.join(' ')}`);
      const { json } = await node.call('/v1/supervisors/local/desired', { token: host.credential });
      for (const { app, grant, version } of json.assignments) {
        if (version > 1) found.push(`${app} is to run as version ${version}`);
        if ([grant.http, grant.apps, grant.secrets].some((each) => each.length > 0))
          found.push(`its host gives ${app} ${JSON.stringify(grant)}`);
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      await node.close();
      await host.close();
      await other.close();
    },
  };
  await office.stage();
  return office;
}
