import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../kit/index.ts';
import { createSpawnIds } from '../../secrets/index.ts';
import { desiredFor } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { type ApiRouter, newRouter } from './context.ts';
import { bearer, json, problems } from './schemas.ts';

const spawnRequest = z.object({
  app: z.uuid().openapi({ description: 'The app that is about to be started' }),
  spawn_id: z.string().max(64).openapi({
    description: 'UUID of version 7, not older than a minute; a second call with it is refused (409)',
  }),
  generation: z
    .int()
    .optional()
    .openapi({ description: 'Which is started; default: the one that is placed' }),
});
const spawnReply = z
  .object({
    supervisor: z.string(),
    actor: z.string(),
    office: z.string().openapi({ description: 'Of the app' }),
    app: z.string(),
    version: z.int(),
    generation: z.int(),
    environment: z.string(),
    secrets: z.array(z.string()).openapi({ description: 'Names whose values it is given' }),
  })
  .openapi('Spawn');

const spawn = createRoute({
  method: 'post',
  path: '/v1/spawns',
  tags: ['Supervisors'],
  summary: 'For the gateway: may this supervisor start that app now, and which secrets is it given?',
  security: bearer,
  request: { body: { required: true, content: { 'application/json': { schema: spawnRequest } } } },
  responses: { 200: json(spawnReply, 'It may'), ...problems },
});

/** Environments that get no secret, whatever their version asks for (CONTRACTS §9). */
const PREVIEW = 'preview-';

/**
 * `POST /v1/spawns`: what the log says of a start, for whoever gives out secrets. Asked with the credential of the supervisor that
 * starts it, once for each start; what is placed somewhere else does not exist for it.
 */
export function spawnsRoutes({
  live,
  clock,
}: {
  readonly live: LiveState;
  readonly clock: Clock;
}): ApiRouter {
  const router = newRouter();
  const ids = createSpawnIds(clock);
  router.openapi(spawn, async (c) => {
    const principal = c.get('principal');
    requireInForce(principal);
    const { kind, name, actor } = principal;
    if (kind !== 'supervisor') {
      throw nodeError('not_allowed', {
        what: `The credential of '${name}' does not allow this`,
        why: 'apps are started by supervisors, which have credentials of their own',
        hint: 'Secrets go in and never come out of the API: see `tabbify secrets --help`',
      });
    }
    const { app, spawn_id, generation } = c.req.valid('json');
    await live.current();
    const placed = desiredFor(live.office, name).find((each) => each.app === app);
    const office = live.office.apps.get(app)?.office;
    if (placed === undefined || office === undefined) throw refused(name, app, 'it is not placed there');
    if (generation !== undefined && generation !== placed.generation) {
      throw refused(
        name,
        app,
        `generation ${generation} is not the one that is placed, ${placed.generation}`,
      );
    }
    ids.use(spawn_id);
    const { version, environment, grant } = placed;
    const secrets = environment.startsWith(PREVIEW) ? [] : grant.secrets.map((secret) => secret.name);
    return c.json(
      {
        ...{ supervisor: name, actor, office, app, version, environment, secrets },
        generation: placed.generation,
      },
      200,
      { 'cache-control': 'no-store' },
    );
  });
  return router;
}

function refused(supervisor: string, app: string, why: string) {
  return nodeError('spawn_refused', {
    what: `The supervisor '${supervisor}' does not start the app ${app}`,
    why,
    hint: 'It follows the log, and tries again as what that says by then',
  });
}
