import { z } from '@hono/zod-openapi';
import type { AppState } from '../../state/index.ts';
import { deniedWarning } from '../commands/warnings.ts';
import type { OfficeUrls } from '../office-urls.ts';

/** An app as the API shows it (CONTRACTS §7). */
export const appRow = z
  .object({
    uuid: z.string(),
    name: z.string(),
    slug: z.string(),
    visibility: z.enum(['private', 'public']).nullable(),
    version: z.int().nullable().openapi({ description: 'The version in place; null: none is deployed' }),
    latest_version: z.int().nullable(),
    runtime: z.string().nullable(),
    lifecycle: z.string().nullable(),
    state: z.enum([
      'published',
      'deploying',
      'starting',
      'running',
      'idle',
      'stopped',
      'crashed',
      'failed',
      'purged',
    ]),
    pinned: z.boolean(),
    restart_status: z.enum(['running', 'backoff', 'crashloop', 'parked']).openapi({
      description:
        'How restarts after failures go; `crashloop`: from 5 on, `parked`: after 10, until a deployment or a reset',
    }),
    restart_count: z.int().openapi({ description: 'Failures in a row' }),
    retry_at: z.string().nullable().openapi({ description: 'It is not started before; null: nothing waits' }),
    app_ula: z.string(),
    supervisor: z.string().nullable(),
    pid: z.int().nullable(),
    url: z.string().openapi({ description: 'The app at the root of its own origin' }),
    path_url: z.string(),
    last_error: z.string().nullable(),
    warnings: z.array(z.string()),
    registered_at: z.string(),
  })
  .openapi('App');

export type AppRow = z.infer<typeof appRow>;

/** @param host `Host` of the request, which decides `path_url` */
export function rowOf(app: AppState, urls: OfficeUrls, host: string): AppRow {
  const { assignment, instance } = app;
  const shown = app.versions.get(assignment?.version ?? app.latestVersion);
  const running = instance?.state === 'running' ? instance : null;
  return {
    uuid: app.uuid,
    name: app.name,
    slug: app.slug,
    visibility: shown?.visibility ?? null,
    version: running?.version ?? versionInPlace(app),
    latest_version: app.latestVersion || null,
    runtime: assignment?.runtime ?? shown?.runtime.type ?? null,
    lifecycle: shown?.runtime.lifecycle ?? null,
    state: stateOf(app),
    pinned: assignment?.pinned ?? false,
    restart_status: assignment?.restart.status ?? 'running',
    restart_count: assignment?.restart.failures ?? 0,
    retry_at: assignment?.restart.retryAt ?? null,
    app_ula: app.ula,
    supervisor: assignment?.supervisor ?? null,
    pid: running?.pid ?? null,
    url: urls.app(app),
    path_url: urls.path(app.uuid, host),
    last_error: assignment?.failure?.reason ?? (instance?.state === 'crashed' ? instance.reason : null),
    warnings: deniedWarning(shown?.denied ?? []),
    registered_at: app.registeredAt,
  };
}

/** While a host has not taken a version up, the one before it is in place. */
function versionInPlace({ assignment, good }: AppState): number | null {
  const isTakenUp = assignment?.outcome === 'running' || assignment?.outcome === 'idle';
  return (isTakenUp ? null : good?.version) ?? assignment?.version ?? null;
}

function stateOf(app: AppState): AppRow['state'] {
  const { assignment, instance, openDeployments } = app;
  if (instance?.state === 'running') return 'running';
  if (assignment === null) return openDeployments.size > 0 ? 'deploying' : 'published';
  if (assignment.purged) return 'purged';
  if (assignment.stopped) return 'stopped';
  if (assignment.outcome === null) return 'starting';
  if (assignment.outcome === 'failed') return 'failed';
  return instance?.state === 'crashed' ? 'crashed' : 'idle';
}
