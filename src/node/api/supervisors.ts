import { createRoute, z } from '@hono/zod-openapi';
import { appsOf, desiredFor, supervisorsOf } from '../../state/index.ts';
import {
  desiredState,
  joinReply,
  joinRequest,
  presence,
  runtimeDescription,
  runtimeRefusal,
} from '../../supervisor/index.ts';
import type { CallKeys } from '../app-calls/call-keys.ts';
import { announceSupervisor, joinSupervisor, type SupervisorCommandTools } from '../commands/supervisors.ts';
import { hostsOf } from '../deploys/hosts.ts';
import { type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireMachineOwner, requireScope, requireSupervisor } from './guards.ts';
import { pageOf } from './paging.ts';
import { bearer, idempotencyHeader, json, pageQuery, problems, supervisorPath } from './schemas.ts';

const supervisorRow = z
  .object({
    name: z.string(),
    tags: z.array(z.string()),
    runtimes: z.array(runtimeDescription).openapi({
      description:
        'What each holds its apps to there: the wall around them, and which limits are `enforced`, `best_effort` or `unsupported`; empty while the host is away',
    }),
    refused: z.array(runtimeRefusal).openapi({
      description: 'What it cannot run, why, and what helps there; empty while the host is away',
    }),
    state: z.enum(['present', 'away']),
    apps: z.int().openapi({ description: 'Apps of the asker’s office that are placed there' }),
    joined_at: z.string(),
  })
  .openapi('Supervisor');

const supervisorPage = z.object({ supervisors: z.array(supervisorRow), next_cursor: z.string().nullable() });

const listSupervisors = createRoute({
  method: 'get',
  path: '/v1/supervisors',
  tags: ['Supervisors'],
  summary: 'Hosts of the office and what they can run',
  security: bearer,
  request: { query: pageQuery },
  responses: { 200: json(supervisorPage, 'One page, by name'), ...problems },
});

const join = createRoute({
  method: 'post',
  path: '/v1/supervisors',
  tags: ['Supervisors'],
  summary:
    'Join: gives a supervisor a credential of its own, shown once; a known name is refused unless it is replaced',
  security: bearer,
  request: {
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: joinRequest } } },
  },
  responses: { 201: json(joinReply, 'Joined'), ...problems },
});

const announce = createRoute({
  method: 'put',
  path: '/v1/supervisors/{name}',
  tags: ['Supervisors'],
  summary: 'A supervisor says where it answers and what it can run',
  security: bearer,
  request: {
    params: supervisorPath,
    body: { required: true, content: { 'application/json': { schema: presence } } },
  },
  responses: { 204: { description: 'Noted' }, ...problems },
});

const desired = createRoute({
  method: 'get',
  path: '/v1/supervisors/{name}/desired',
  tags: ['Supervisors'],
  summary: 'What a host is to run, and from which position to watch',
  security: bearer,
  request: { params: supervisorPath },
  responses: { 200: json(desiredState, 'Desired state'), ...problems },
});

/** `GET,POST /v1/supervisors`, `PUT /v1/supervisors/{name}`, `GET …/desired`. */
export function supervisorsRoutes(
  tools: SupervisorCommandTools & { readonly callKeys: CallKeys },
): ApiRouter {
  const { live, presences, callKeys } = tools;
  const router = newRouter();
  router.openapi(listSupervisors, (c) => {
    requireScope(c, 'read');
    const hosts = new Map(hostsOf(live.office, presences).map((host) => [host.name, host]));
    const page = pageOf(supervisorsOf(live.office), ({ name }) => name, c.req.valid('query'));
    const own = appsOf(live.office, c.get('principal').office);
    const supervisors = page.rows.map(({ name, tags, joinedAt }) => {
      const host = hosts.get(name);
      const state: 'present' | 'away' = host?.present ? 'present' : 'away';
      const apps = own.filter(({ placements }) => placements.get(name)?.assignment.purged === false).length;
      const { runtimes = [], refused = [] } = presences.of(name) ?? {};
      return { name, tags: [...(host?.tags ?? tags)], runtimes, refused, state, apps, joined_at: joinedAt };
    });
    return c.json({ supervisors, next_cursor: page.next }, 200);
  });
  router.openapi(join, async (c) => {
    requireMachineOwner(c); // a host sees the apps of every office
    return c.json(await joinSupervisor(tools, askerOf(c), c.req.valid('json')), 201);
  });
  router.openapi(announce, async (c) => {
    const { name } = c.req.valid('param');
    requireSupervisor(c, name);
    await announceSupervisor(tools, askerOf(c), name, c.req.valid('json'));
    return c.body(null, 204);
  });
  router.openapi(desired, async (c) => {
    const { name } = c.req.valid('param');
    requireSupervisor(c, name);
    await live.current();
    const assignments = desiredFor(live.office, name).map(({ grant, ...assignment }) => {
      const calling = { app: assignment.app, supervisor: name };
      return {
        ...assignment,
        grant: grant.apps.length === 0 ? grant : { ...grant, call_key: callKeys.of(calling) },
      };
    });
    return c.json({ position: live.office.position, assignments }, 200);
  });
  return router;
}
