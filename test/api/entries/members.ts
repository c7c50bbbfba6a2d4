import { newId } from '../../../src/kit/index.ts';
import type { Entry } from '../entry.ts';

export const memberEntries: readonly Entry[] = [
  { operation: 'GET /v1/offices', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  {
    operation: 'POST /v1/offices',
    allowed: 'machine',
    call: () => ({ json: { slug: `made-${newId().slice(-12)}`, name: 'Made by the walk' } }),
    status: 201,
    stranger: 'refused',
    tenant: ({ json }) => (json as { slug: string }).slug,
  },
  {
    operation: 'GET /v1/self',
    allowed: 'read', // every credential here that has ended nowhere can read
    call: () => ({}),
    status: 200,
    stranger: 'own',
    except: { host: 200 },
  },
  {
    operation: 'GET /v1/sessions',
    allowed: 'read',
    call: () => ({}),
    status: 200,
    stranger: 'own',
    except: { agent: 403, app: 403 },
  },
  {
    operation: 'POST /v1/sessions',
    allowed: 'read',
    call: () => ({}),
    status: 201,
    stranger: 'own',
    except: { agent: 403, app: 403 },
    appendsNothing: 'a sign-in link is kept in memory until it is used or too old',
  },
  {
    operation: 'DELETE /v1/sessions/{id}',
    variant: 'of somebody else',
    allowed: 'admin',
    async call({ url, asMachine }, { slug }) {
      const made = await asMachine('POST', '/v1/tokens', { name: `made-${newId()}`, role: 'viewer' }, slug);
      const answer = await fetch(`${url}/login`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: new URL(url).origin },
        body: new URLSearchParams({ token: made.json.token }),
      });
      const cookie = answer.headers.get('set-cookie') ?? '';
      return { params: { id: /=([0-9a-f-]{36})\./.exec(cookie)?.[1] ?? '' } };
    },
    status: 200,
    stranger: 'hidden',
  },
  { operation: 'GET /v1/tokens', allowed: 'admin', call: () => ({}), status: 200, stranger: 'own' },
  {
    operation: 'POST /v1/tokens',
    allowed: 'admin',
    call: () => ({ json: { name: `made-${newId()}`, role: 'viewer' } }),
    status: 201,
    stranger: 'own',
  },
  {
    operation: 'DELETE /v1/tokens/{id}',
    allowed: 'admin',
    async call({ asMachine }, { slug }) {
      const made = await asMachine('POST', '/v1/tokens', { name: `made-${newId()}`, role: 'viewer' }, slug);
      return { params: { id: made.json.id } };
    },
    status: 200,
    stranger: 'hidden',
  },
];
