import { z } from '@hono/zod-openapi';
import {
  type AppState,
  isPublic,
  type OfficeState,
  type PlacementState,
  placementsOf,
  rotationOf,
  versionInPlace,
} from '../../state/index.ts';
import type { OfficeUrls } from '../office-urls.ts';

const states = z
  .enum([
    ...(['published', 'deploying', 'starting', 'running', 'idle'] as const),
    ...(['stopped', 'crashed', 'failed', 'purged', 'serving'] as const),
  ])
  .openapi({ description: '`serving`: static files alone, of which nothing is ever started' });

const restartStatus = z.enum(['running', 'backoff', 'crashloop', 'parked']).openapi({
  description:
    'How restarts after failures go; `crashloop`: from 5 on, `parked`: after 10, until a deployment or a reset',
});

/** An app on one of its hosts. */
const instanceRow = z.object({
  supervisor: z.string(),
  runtime: z.string(),
  version: z.int(),
  state: states,
  in_rotation: z.boolean().openapi({ description: 'Visitors are sent there' }),
  address: z.string(),
  pid: z.int().nullable(),
  restart_status: restartStatus,
  last_error: z.string().nullable(),
});

/** An app as the API shows it (CONTRACTS §7). */
export const appRow = z
  .object({
    uuid: z.string(),
    name: z.string(),
    slug: z.string(),
    visibility: z
      .enum(['private', 'public'])
      .nullable()
      .openapi({ description: 'Who may call it now: `public` only where that was granted' }),
    approval: z
      .string()
      .nullable()
      .openapi({ description: 'The newest approval about it that waits for a person' }),
    version: z.int().nullable().openapi({ description: 'The version in place; null: none is deployed' }),
    latest_version: z.int().nullable(),
    runtime: z
      .string()
      .nullable()
      .openapi({ description: 'Null: static files alone, or nothing was published' }),
    lifecycle: z.string().nullable(),
    state: states,
    pinned: z.boolean(),
    restart_status: restartStatus,
    restart_count: z.int().openapi({ description: 'Failures in a row' }),
    retry_at: z.string().nullable().openapi({ description: 'It is not started before; null: nothing waits' }),
    app_ula: z.string(),
    supervisor: z.string().nullable().openapi({ description: 'The host with its own address' }),
    pid: z.int().nullable(),
    instances: z
      .array(instanceRow)
      .openapi({ description: 'One for each host it is on, the first one above' }),
    url: z.string().openapi({ description: 'The app at the root of its own origin' }),
    path_url: z.string(),
    last_error: z.string().nullable(),
    warnings: z.array(z.string()),
    registered_at: z.string(),
  })
  .openapi('App');

export type AppRow = z.infer<typeof appRow>;

/** @param host `Host` of the request, which decides `path_url` */
export function rowOf(office: OfficeState, app: AppState, urls: OfficeUrls, host: string): AppRow {
  const inPlace = versionInPlace(office, app);
  const files = inPlace?.assets?.alone ? inPlace : null; // hosts that it was on before are not what it is now
  const placements = files === null ? placementsOf(app) : [];
  const { assignment, instance } = placements[0] ?? {};
  const shown = files ?? app.versions.get(assignment?.version ?? app.latestVersion);
  const runs = assignment !== undefined || !shown?.assets?.alone;
  const running = instance?.state === 'running' ? instance : null;
  const rotation = new Set(rotationOf(app));
  return {
    uuid: app.uuid,
    name: app.name,
    slug: app.slug,
    visibility: shown === undefined ? null : isPublic(office, app) ? 'public' : 'private',
    approval: openApprovalOf(office, app),
    version: files?.version ?? running?.version ?? versionOn(placements[0]),
    latest_version: app.latestVersion || null,
    runtime: runs ? (assignment?.runtime ?? shown?.runtime.type ?? null) : null,
    lifecycle: runs ? (shown?.runtime.lifecycle ?? null) : null,
    state: files === null ? stateOf(app) : 'serving',
    pinned: assignment?.pinned ?? false,
    restart_status: assignment?.restart.status ?? 'running',
    restart_count: assignment?.restart.failures ?? 0,
    retry_at: assignment?.restart.retryAt ?? null,
    app_ula: app.ula,
    supervisor: assignment?.supervisor ?? null,
    pid: running?.pid ?? null,
    instances: placements.map((each) => instanceOf(each, rotation.has(each))),
    url: urls.app(app),
    path_url: urls.path(app.uuid, host),
    last_error: placements[0] === undefined ? null : errorOn(placements[0]),
    warnings: [...(shown?.doubts ?? [])],
    registered_at: app.registeredAt,
  };
}

function instanceOf(placement: PlacementState, inRotation: boolean): z.infer<typeof instanceRow> {
  const { assignment, instance } = placement;
  const running = instance?.state === 'running' ? instance : null;
  return {
    supervisor: assignment.supervisor,
    runtime: assignment.runtime,
    version: running?.version ?? versionOn(placement) ?? assignment.version,
    state: stateOn(placement),
    in_rotation: inRotation,
    address: assignment.address,
    pid: running?.pid ?? null,
    restart_status: assignment.restart.status,
    last_error: errorOn(placement),
  };
}

/** While a host has not taken a version up, the one before it is in place. */
function versionOn(placement: PlacementState | undefined): number | null {
  if (placement === undefined) return null;
  const { assignment, good } = placement;
  const isTakenUp = assignment.outcome === 'running' || assignment.outcome === 'idle';
  return (isTakenUp ? null : good?.version) ?? assignment.version;
}

function errorOn({ assignment, instance }: PlacementState): string | null {
  return assignment.failure?.reason ?? (instance?.state === 'crashed' ? instance.reason : null);
}

/** An app runs where visitors are sent to, if it runs on one of those hosts; else it is as on the first of them. */
function stateOf(app: AppState): AppRow['state'] {
  const placements = rotationOf(app);
  const states = (placements.length > 0 ? placements : placementsOf(app)).map(stateOn);
  if (states.includes('running')) return 'running';
  return states[0] ?? (app.openDeployments.size > 0 ? 'deploying' : 'published');
}

function stateOn({ assignment, instance }: PlacementState): AppRow['state'] {
  if (instance?.state === 'running') return 'running';
  if (assignment.purged) return 'purged';
  if (assignment.stopped) return 'stopped';
  if (assignment.outcome === null) return 'starting';
  if (assignment.outcome === 'failed') return 'failed';
  return instance?.state === 'crashed' ? 'crashed' : 'idle';
}

function openApprovalOf(office: OfficeState, app: AppState): string | null {
  const open = [...office.openApprovals].filter((id) => office.approvals.get(id)?.app === app.uuid);
  return open.at(-1) ?? null;
}
