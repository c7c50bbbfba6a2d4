import { deployingAnew } from '../deploying.ts';
import type { Entry } from '../entry.ts';
import { hostOf } from '../furnish.ts';
import type { Office } from '../office.ts';
import { send } from '../shot.ts';
import type { World } from '../world.ts';

/** What waits for a person: the office's agent wants its app restarted. */
async function waiting({ url, asMachine }: World, { slug, app, tokens }: Office) {
  const restart = { method: 'POST', path: '/v1/apps/{uuid}/restart' };
  const ask = () => send(url, restart, { params: { uuid: app } }, tokens.agent);
  let asked = await ask();
  if (asked.status === 503) {
    await deployingAnew({ asMachine }, { slug, app }); // it was purged
    asked = await ask();
  }
  if (asked.status !== 202) throw new Error(`the agent was answered ${asked.status}: ${asked.text}`);
  const { json } = await asMachine('GET', `/v1/approvals?status=open&app=${app}`, undefined, slug);
  const found = json.approvals.find(({ command }: { command: string | null }) => command === 'restart');
  return found as { readonly id: string; readonly difference: string };
}

/** A capability that the app of the office was granted; revoked before, it is asked for and granted again. */
async function granted(world: World, office: Office): Promise<string> {
  const capability = `http:${hostOf(office.word)}`;
  const { json } = await world.asMachine('GET', `/v1/apps/${office.app}/grants`, undefined, office.slug);
  const has = json.grants.some((each: { capability: string }) => each.capability === capability);
  if (!has) await deployingAnew(world, office);
  return capability;
}

export const approvalEntries: readonly Entry[] = [
  {
    operation: 'GET /v1/approvals',
    allowed: 'read',
    async call(world, office) {
      await waiting(world, office);
      return {};
    },
    status: 200,
    stranger: 'own',
  },
  {
    operation: 'GET /v1/approvals/{id}',
    allowed: 'read',
    call: async (world, office) => ({ params: { id: (await waiting(world, office)).id } }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'POST /v1/approvals/{id}/approve',
    allowed: 'approve',
    async call(world, office) {
      const { id, difference } = await waiting(world, office);
      return { params: { id }, json: { difference } };
    },
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'POST /v1/approvals/{id}/deny',
    allowed: 'approve',
    call: async (world, office) => ({
      params: { id: (await waiting(world, office)).id },
      json: { reason: 'not today' },
    }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'GET /v1/apps/{uuid}/grants',
    allowed: 'read',
    call: (_world, { app }) => ({ params: { uuid: app } }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'DELETE /v1/apps/{uuid}/grants/{capability}',
    allowed: 'approve',
    call: async (world, office) => ({
      params: { uuid: office.app, capability: await granted(world, office) },
    }),
    status: 204,
    stranger: 'hidden',
  },
  { operation: 'GET /v1/policy', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  {
    operation: 'PUT /v1/policy',
    allowed: 'admin',
    call: () => ({ json: { policy: '[approvals]\nexpires_hours = 12\n' } }),
    status: 200,
    stranger: 'own',
  },
];
