import type { Entry } from '../entry.ts';
import type { Office } from '../office.ts';
import { projectionsFollow } from './projections.ts';

const readEvents = (
  variant: string,
  query: (office: Office) => string,
  more: Partial<Entry> = {},
): Entry => ({
  operation: 'GET /v1/events',
  variant,
  allowed: 'read',
  call: (_world, office) => ({ query: query(office) }),
  status: 200,
  stranger: 'own',
  except: { host: 200 }, // of its own segment
  ...more,
});

export const eventEntries: readonly Entry[] = [
  readEvents('all', () => 'limit=1000'),
  readEvents('newest first', () => 'order=newest&limit=1000'),
  readEvents('by subject', ({ subject }) => `subject=${subject}`),
  readEvents('by actor', ({ actors }) => `actor=${actors.owner}`),
  readEvents('by class', () => 'class=traffic'),
  readEvents('by words', () => '', {
    async call(world, { word }) {
      await projectionsFollow(world);
      return { query: `q=${word}` };
    },
  }),
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
