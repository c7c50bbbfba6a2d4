import { newId } from '../../../src/kit/index.ts';
import type { Entry } from '../entry.ts';
import { TAGS } from '../host.ts';

export const hostEntries: readonly Entry[] = [
  { operation: 'GET /health', allowed: 'everybody', call: () => ({}), status: 200, stranger: 'own' },
  { operation: 'GET /v1/supervisors', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  {
    operation: 'POST /v1/supervisors',
    allowed: 'machine',
    call: () => ({ json: { name: `made-${newId().slice(-12)}` } }),
    status: 201,
    stranger: 'refused',
    tenant: () => 'default', // hosts serve every office and belong to the machine
  },
  {
    operation: 'PUT /v1/supervisors/{name}',
    allowed: 'host',
    // what a host can run is an event when it changed
    call: ({ host }) => ({ params: { name: host.name }, json: host.presence([...TAGS, `tag-${newId()}`]) }),
    status: 204,
    stranger: 'refused',
  },
  {
    operation: 'GET /v1/supervisors/{name}/desired',
    allowed: 'host',
    call: ({ host }) => ({ params: { name: host.name } }),
    status: 200,
    stranger: 'refused',
  },
  {
    operation: 'POST /v1/spawns',
    allowed: 'host',
    call: (_, { app }) => ({ json: { app, spawn_id: newId() } }),
    status: 200,
    stranger: 'refused',
    appendsNothing: 'it answers a question; what is done with the answer is in the audit of secrets',
  },
];
