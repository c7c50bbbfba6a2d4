import { newId } from '../../../src/kit/index.ts';
import type { Entry } from '../entry.ts';
import type { Office } from '../office.ts';
import type { World } from '../world.ts';

/** Registers a secret in the office. @returns its name */
async function registered({ asMachine }: World, { slug }: Office): Promise<string> {
  const name = `made-${newId()}`;
  const json = { name, kind: 'token', value: `value of ${name}` };
  const { status } = await asMachine('POST', '/v1/secrets', json, slug);
  if (status !== 201) throw new Error(`POST /v1/secrets was answered ${status}`);
  return name;
}

export const secretEntries: readonly Entry[] = [
  {
    operation: 'GET /v1/secrets',
    allowed: 'read',
    async call(world, office) {
      await registered(world, office);
      return {};
    },
    status: 200,
    stranger: 'own',
  },
  {
    operation: 'POST /v1/secrets',
    allowed: 'secrets:write',
    call: () => ({ json: { name: `made-${newId()}`, kind: 'api-key', value: 'the value' } }),
    status: 201,
    stranger: 'own',
  },
  {
    operation: 'PUT /v1/secrets/{name}',
    allowed: 'secrets:write',
    call: async (world, office) => ({
      params: { name: await registered(world, office) },
      json: { value: 'another value' },
    }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'DELETE /v1/secrets/{name}',
    allowed: 'secrets:write',
    call: async (world, office) => ({ params: { name: await registered(world, office) } }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'POST /v1/secrets/changes',
    allowed: 'secrets:write',
    call: () => ({}),
    status: 200,
    stranger: 'own',
    appendsNothing: 'the log has heard of every change already; it appends what the gateway could not say',
  },
  {
    operation: 'POST /v1/secrets/master-key',
    allowed: 'machine',
    async call(world, office) {
      await registered(world, office); // with the first one the key is made
      return {};
    },
    status: 200,
    stranger: 'refused',
    appendsNothing: 'no secret is another one after it; the audit of secrets has it',
  },
  {
    operation: 'GET /v1/secrets/audit',
    allowed: 'admin',
    async call(world, office) {
      await registered(world, office);
      return {};
    },
    status: 200,
    stranger: 'own',
  },
  {
    operation: 'GET /v1/secrets/audit/verify',
    allowed: 'machine',
    call: () => ({}),
    status: 200,
    stranger: 'refused',
  },
];
