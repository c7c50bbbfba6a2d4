import { createRoute, z } from '@hono/zod-openapi';
import { type AppState, appsOf, type OfficeState } from '../../state/index.ts';
import { appOfOffice } from '../commands/app-of-office.ts';
import type { OfficeUrls } from '../office-urls.ts';
import type { Presences } from '../supervisors/presences.ts';
import { appDetail, detailOf } from './app-detail.ts';
import { appRow, rowOf } from './app-row.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { pageOf } from './paging.ts';
import { appPath, bearer, json, pageQuery, problems } from './schemas.ts';

const listApps = createRoute({
  method: 'get',
  path: '/v1/apps',
  tags: ['Apps'],
  summary: 'Apps of the office, by name',
  security: bearer,
  request: { query: pageQuery },
  responses: {
    200: json(z.object({ apps: z.array(appRow), next_cursor: z.string().nullable() }), 'One page'),
    ...problems,
  },
});

const readApp = createRoute({
  method: 'get',
  path: '/v1/apps/{uuid}',
  tags: ['Apps'],
  summary: 'One app, and what its hosts hold it to',
  security: bearer,
  request: { params: appPath },
  responses: { 200: json(appDetail, 'The app'), ...problems },
});

/** `GET /v1/apps`, `GET /v1/apps/{uuid}`. */
export function appsRoutes(office: OfficeState, urls: OfficeUrls, presences: Presences): ApiRouter {
  const router = newRouter();
  router.openapi(listApps, (c) => {
    requireScope(c, 'read');
    const all = appsOf(office, c.get('principal').office);
    const page = pageOf(all, (app: AppState) => app.slug, c.req.valid('query'));
    const host = c.req.header('host') ?? '';
    return c.json(
      { apps: page.rows.map((app) => rowOf(office, app, urls, host)), next_cursor: page.next },
      200,
    );
  });
  router.openapi(readApp, (c) => {
    requireScope(c, 'read');
    const app = appOfOffice(office, askerOf(c), c.req.valid('param').uuid);
    return c.json(detailOf(rowOf(office, app, urls, c.req.header('host') ?? ''), office, presences), 200);
  });
  return router;
}
