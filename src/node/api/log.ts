import { join } from 'node:path';
import { createRoute, z } from '@hono/zod-openapi';
import type { SealedLog } from '../../log/index.ts';
import type { Refusals } from '../refusals/refusals.ts';
import { bytesBelow } from '../retention/disk-use.ts';
import type { RetentionSettings } from '../retention/settings.ts';
import { type ApiRouter, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { bearer, json, problems } from './schemas.ts';

const bytes = (description: string) => z.int().openapi({ description: `Bytes: ${description}` });

/** Of the whole machine, so for its owners only. */
const machineUse = z.object({
  file_bytes: bytes('database and write-ahead log'),
  free_bytes: bytes('of these, free for new events'),
  blobs_bytes: bytes('blobs'),
  projections_bytes: bytes('projections, which can be made anew'),
  snapshots_bytes: bytes('snapshots of the state, which can be made anew'),
  traffic: z.object({
    events: z.int(),
    bytes: bytes('bodies from outside that are kept'),
    oldest: z.string().nullable(),
    days: z.number().openapi({ description: 'Kept for so many days …' }),
    max_bytes: bytes('… or until they take this'),
  }),
  disk_free_bytes: bytes('left on the disk of the home').nullable(),
  reserve_bytes: bytes('below this nothing from outside is taken'),
  refused_unknown: z
    .record(z.string(), z.int())
    .openapi({ description: 'Requests of unknown actors that were refused since the start, by reason' }),
});

const logReply = machineUse
  .partial()
  .extend({ head: z.int().openapi({ description: 'Position of the last event' }) })
  .openapi('Log', { description: 'Owners of the machine are told sizes as well, others the head alone' });

const showLog = createRoute({
  method: 'get',
  path: '/v1/log',
  tags: ['Events'],
  summary: 'How long the log is and what it takes on disk',
  security: bearer,
  responses: { 200: json(logReply, 'The log'), ...problems },
});

export interface LogTools {
  readonly home: string;
  readonly log: SealedLog;
  readonly refusals: Refusals;
  readonly retentionSettings: RetentionSettings;
  /** Bytes free on the disk of the home; infinite: not known. */
  readonly freeBytes: () => number;
}

const PROJECTIONS = ['projections', 'projections.db', 'projections.db-wal', 'projections.db-shm'];

/** `GET /v1/log`. The head is for everybody who may read; sizes are the machine's, over all its offices. */
export function logRoutesOfNode(tools: LogTools): ApiRouter {
  const router = newRouter();
  router.openapi(showLog, async (c) => {
    requireScope(c, 'read');
    const { ownsMachine, scopes } = c.get('principal');
    const head = await tools.log.head();
    const sizes = ownsMachine && scopes.has('admin') ? await sizesOf(tools) : {};
    return c.json({ head, ...sizes }, 200);
  });
  return router;
}

async function sizesOf({
  home,
  log,
  refusals,
  retentionSettings,
  freeBytes,
}: LogTools): Promise<z.infer<typeof machineUse>> {
  const below = (names: readonly string[]) => bytesBelow(names.map((name) => join(home, name)));
  const [usage, projections, snapshots] = await Promise.all([
    log.usage(),
    below(PROJECTIONS),
    below(['snapshots']),
  ]);
  const free = freeBytes();
  return {
    file_bytes: usage.file,
    free_bytes: usage.free,
    blobs_bytes: usage.blobs,
    projections_bytes: projections,
    snapshots_bytes: snapshots,
    traffic: {
      ...usage.traffic,
      days: retentionSettings.trafficDays,
      max_bytes: retentionSettings.trafficBytes,
    },
    disk_free_bytes: Number.isFinite(free) ? free : null,
    reserve_bytes: retentionSettings.reserveBytes,
    refused_unknown: { ...refusals.counts().unknown },
  };
}
