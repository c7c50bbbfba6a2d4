import type { Entry } from '../entry.ts';

export const eventEntries: readonly Entry[] = [
  {
    operation: 'GET /v1/events',
    allowed: 'read',
    call: () => ({ query: 'limit=1000' }),
    status: 200,
    stranger: 'own',
    except: { host: 200 }, // of its own segment
  },
  {
    operation: 'GET /v1/events/stream',
    allowed: 'read',
    call: () => ({ query: 'after=0', until: ({ lastEvent }) => lastEvent }),
    status: 200,
    stranger: 'own',
    except: { host: 200 },
  },
  {
    operation: 'POST /v1/events',
    allowed: 'admin',
    call: (_world, { slug }) => ({
      json: { event: { type: 'OrderReceived', segment: `tenant_${slug}.orders`, data: { total: 1 } } },
    }),
    status: 201,
    stranger: 'refused',
  },
  {
    operation: 'POST /v1/events/erase',
    allowed: 'admin',
    call: (_world, { subject }) => ({ json: { subject } }),
    status: 200,
    stranger: 'own',
  },
  { operation: 'GET /v1/log', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  {
    operation: 'GET /v1/state',
    allowed: 'read',
    call: () => ({}),
    status: 200,
    stranger: 'own',
    except: { app: 403 },
  },
];
