import { createRoute, z } from '@hono/zod-openapi';
import type { AppState, OfficeState } from '../../state/index.ts';
import { appsOf, officesOf, versionInPlace } from '../../state/index.ts';
import { readChartQuery } from '../../supervisor/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import { placedOn } from '../commands/placed-on.ts';
import { OFFICE_HEADER } from '../credentials/picked-office.ts';
import { FIRST_OFFICE, type Principal } from '../credentials/principal.ts';
import type { LiveState } from '../live-state.ts';
import type { FileFigures } from '../metrics/file-figures.ts';
import { figuresOf, summedNow } from '../metrics/host-figures.ts';
import type { NodeFigures } from '../metrics/node-figures.ts';
import { PROMETHEUS_TYPE, prometheusText } from '../metrics/prometheus.ts';
import type { OfficeUrls } from '../office-urls.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';
import { rowOf } from './app-row.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { appPath, bearer, json, problems } from './schemas.ts';

const figure = (description: string) => z.number().openapi({ description });

const point = z
  .object({
    time: z.string().openapi({ description: 'Begin of the step (RFC 3339)' }),
    observed_sec: figure('Seconds during which a runner was there'),
    requests: z.int(),
    answers_2xx: z.int(),
    answers_3xx: z.int(),
    answers_4xx: z.int(),
    answers_5xx: z.int(),
    bytes: figure('Written to visitors, of static files only'),
    broken: figure('Answers that ended before they were whole'),
    requests_per_sec: z.number(),
    errors_per_sec: figure('Answers 5xx a second'),
    fuel_per_sec: z.number(),
    p50_ms: z.number().nullable().openapi({ description: 'From a request to the head of its answer' }),
    p99_ms: z.number().nullable(),
    latency_ms: figure('These times together'),
    buckets: z.array(z.int()).readonly().openapi({ description: 'Answers per latency bucket; empty: none' }),
    cpu_ms: z.number(),
    cpu_percent: figure('Of one processor'),
    memory_bytes: z.number().nullable().openapi({ description: 'Mean of the resident memory' }),
    memory_max_bytes: z.number().nullable(),
    fuel: figure('Instructions burnt, where the runtime counts them'),
    cold_starts: z.int(),
    cold_start_ms: figure('Milliseconds these took together'),
    restarts: figure('Runners that ended unasked'),
  })
  .openapi('MetricsPoint');

const chart = z
  .object({
    app: z.string(),
    from: z.string(),
    to: z.string(),
    step: figure('Seconds'),
    latency_bounds_ms: z.array(z.number()).readonly(),
    points: z.array(point).readonly(),
  })
  .openapi('Chart');

const readChart = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}/metrics',
  tags: ['Apps'],
  summary: 'Figures of an app on one of its hosts over time: the last hour by 10 s, 90 days by the hour',
  security: bearer,
  request: {
    params: appPath,
    query: z.object({
      from: z.string().optional().openapi({ description: 'RFC 3339; default an hour before `to`' }),
      to: z.string().optional().openapi({ description: 'RFC 3339; default now' }),
      step: z
        .string()
        .optional()
        .openapi({ description: 'Seconds: a multiple of 10 within the last hour, else of 3600' }),
      supervisor: z
        .string()
        .optional()
        .openapi({ description: 'One of its hosts; default: the one with its own address' }),
      of: z.enum(['app', 'files']).optional().openapi({
        description:
          'What the app answers on that host, or what the node answers with its static files; default: the app, if there is one',
      }),
    }),
  },
  responses: { 200: json(chart, 'Steps in which something was seen, oldest first'), ...problems },
});

const appNow = z
  .object({
    uuid: z.string(),
    name: z.string(),
    slug: z.string(),
    state: z.string(),
    requests_per_sec: z.number(),
    errors_per_sec: z.number(),
    file_requests_per_sec: figure('Of these requests: answered by the node with static files'),
    fuel_per_sec: figure('Instructions a second, where the runtime counts them; else 0'),
    p50_ms: z.number().nullable(),
    p99_ms: z.number().nullable(),
    cpu_percent: z.number(),
    memory_bytes: z.number().nullable(),
    restarts: figure('Since its host’s supervisor began'),
  })
  .openapi('AppNow');

/** What `tabbify top` shows of an app. */
export type AppFigures = z.infer<typeof appNow>;

const readNow = createRoute({
  method: 'get',
  path: '/v1/metrics',
  tags: ['Apps'],
  summary: 'What every app of the office does now, on all its hosts together: the last 30 s',
  security: bearer,
  responses: { 200: json(z.object({ apps: z.array(appNow) }), 'Apps by name'), ...problems },
});

const scrape = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['Office'],
  summary: 'Figures for Prometheus; those of the machine with `metrics` or `admin` of its first office',
  security: bearer,
  responses: { 200: { description: 'Text format 0.0.4 of Prometheus' }, ...problems },
});

export interface MetricsTools {
  readonly live: LiveState;
  readonly supervisors: SupervisorClient;
  readonly urls: OfficeUrls;
  readonly figures: NodeFigures;
  readonly fileFigures: FileFigures;
}

/** `GET /v1/apps/{uuid}/metrics`, `GET /v1/metrics`, `GET /metrics`. */
export function metricsRoutes({ live, supervisors, urls, figures, fileFigures }: MetricsTools): ApiRouter {
  const router = newRouter();

  router.openapi(readChart, async (c) => {
    requireScope(c, 'read');
    const { uuid } = c.req.valid('param');
    const { searchParams } = new URL(c.req.url);
    const host = searchParams.get('supervisor');
    const of = c.req.valid('query').of;
    searchParams.delete('supervisor');
    searchParams.delete('of');
    const query = readChartQuery(searchParams, Date.now());
    const app = appOfOffice(live.office, askerOf(c), uuid);
    const isAlone = versionInPlace(live.office, app)?.assets?.alone ?? false;
    if (of === 'files' || (of === undefined && host === null && isAlone)) {
      return c.json(await fileFigures.chart(uuid, query), 200);
    }
    const { supervisor } = placedOn(app, host, 'figures');
    const read = await supervisors.chart(supervisor, uuid, searchParams);
    return c.json(read, 200);
  });

  router.openapi(readNow, async (c) => {
    requireScope(c, 'read');
    const apps = appsOf(live.office, c.get('principal').office);
    const known = await figuresOf(apps, supervisors);
    const rows = await Promise.all(
      apps.map(async (app) => {
        const { uuid, name, slug, state } = rowOf(live.office, app, urls, '');
        const files = await fileFigures.now(uuid);
        const all = [...(known.get(uuid) ?? []), ...(files === null ? [] : [files])];
        const file_requests_per_sec = files?.now?.requests_per_sec ?? 0;
        return { uuid, name, slug, state, ...summedNow(all), file_requests_per_sec };
      }),
    );
    return c.json({ apps: rows }, 200);
  });

  router.openapi(scrape, async (c) => {
    const principal = c.get('principal');
    requireScope(c, principal.scopes.has('metrics') ? 'metrics' : 'read');
    const isAll = principal.ownsMachine && c.req.header(OFFICE_HEADER) === undefined;
    const apps = isAll ? allApps(live.office) : appsOf(live.office, principal.office);
    const known = await figuresOf(apps, supervisors);
    const text = await prometheusText(
      await Promise.all(
        apps.map(async (app) => ({
          slug: app.slug,
          office: app.office,
          state: rowOf(live.office, app, urls, '').state,
          figures: known.get(app.uuid) ?? [],
          files: (await fileFigures.now(app.uuid))?.total ?? null,
        })),
      ),
      seesMachine(principal) ? { figures, logHead: live.office.position } : null,
    );
    return c.body(text, 200, { 'content-type': PROMETHEUS_TYPE, 'cache-control': 'no-store' });
  });
  return router;
}

/** The machine belongs to the first office; how it does is not for everybody there. */
function seesMachine({ homeOffice, scopes }: Principal): boolean {
  return homeOffice === FIRST_OFFICE && (scopes.has('metrics') || scopes.has('admin'));
}

function allApps(office: OfficeState): AppState[] {
  return officesOf(office).flatMap(({ slug }) => appsOf(office, slug));
}
