import { createRoute, z } from '@hono/zod-openapi';
import type { LogStore } from '../../log/index.ts';
import { credentialById, officeSegment, type SessionState } from '../../state/index.ts';
import { appendedBefore } from '../commands/appended-before.ts';
import { idFor } from '../commands/idempotency.ts';
import type { Principal } from '../credentials/principal.ts';
import { officeOrigin, type Place } from '../edge/addresses.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { requirePerson, type Sessions } from '../sessions/sessions.ts';
import { LINK_LIFE_SEC, type SignIn } from '../sessions/sign-in.ts';
import { type ApiContext, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { pageOf } from './paging.ts';
import { bearer, bearerOnly, idempotencyHeader, json, pageQuery, problems } from './schemas.ts';
import { requireBearer } from './web-guards.ts';

const sessionRow = z
  .object({
    id: z.string(),
    browser: z.string().openapi({ example: 'Firefox on Linux' }),
    by: z.enum(['link', 'token']).openapi({ description: 'How it was signed in' }),
    started_at: z.string(),
    used_at: z.string().openapi({ description: 'To a minute; before the node’s last start to a day' }),
    expires_at: z.string(),
    current: z.boolean().openapi({ description: 'The one that asks' }),
  })
  .openapi('Session');

const listSessions = createRoute({
  method: 'get',
  path: '/v1/sessions',
  tags: ['Sessions'],
  summary: 'Browsers that are signed in by the credential that asks',
  security: bearer,
  request: { query: pageQuery },
  responses: {
    200: json(
      z.object({ sessions: z.array(sessionRow), next_cursor: z.string().nullable() }),
      'One page, oldest first',
    ),
    ...problems,
  },
});

const makeLink = createRoute({
  method: 'post',
  path: '/v1/sessions',
  tags: ['Sessions'],
  summary: 'Make a link that signs a browser in as the person who asks, once',
  security: bearerOnly,
  responses: {
    201: json(
      z
        .object({
          link: z.string().openapi({ description: 'Shown this once; void when the node starts anew' }),
          expires_at: z.string(),
          expires_in_sec: z.int(),
        })
        .openapi('SignInLink'),
      'Open it in the browser',
    ),
    ...problems,
  },
});

const endSession = createRoute({
  method: 'delete',
  path: '/v1/sessions/{id}',
  tags: ['Sessions'],
  summary: 'Sign a browser out at once, on open streams too',
  security: bearer,
  request: {
    params: z.object({
      id: z
        .uuid()
        .transform((id) => id.toLowerCase())
        .openapi({ param: { name: 'id', in: 'path' } }),
    }),
    headers: idempotencyHeader,
  },
  responses: {
    200: json(z.object({ id: z.string(), state: z.literal('ended') }), 'The browser has to sign in again'),
    ...problems,
  },
});

export interface SessionRouteTools {
  readonly log: LogStore;
  readonly live: Pick<LiveState, 'office'>;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly place: Place;
}

/** `GET,POST /v1/sessions`, `DELETE /v1/sessions/{id}`: each person's own; who has `admin` also ends others' of the office. */
export function sessionsRoutes({ log, live, sessions, signIn, place }: SessionRouteTools): ApiRouter {
  const router = newRouter();
  router.openapi(listSessions, (c) => {
    const principal = personWhoAsks(c);
    const current = c.get('session')?.id;
    const rowOf = (session: SessionState): z.infer<typeof sessionRow> => ({
      ...{ id: session.id, browser: session.browser, by: session.by, started_at: session.startedAt },
      ...{ used_at: sessions.usedAt(session), expires_at: session.expiresAt },
      current: session.id === current,
    });
    const keyOf = ({ startedAt, id }: SessionState) => `${startedAt}/${id}`;
    const page = pageOf(sessions.of(principal.credentialId), keyOf, c.req.valid('query'));
    return c.json({ sessions: page.rows.map(rowOf), next_cursor: page.next }, 200, {
      'cache-control': 'no-store',
    });
  });
  router.openapi(makeLink, (c) => {
    personWhoAsks(c);
    const { code, expiresAt } = signIn.code(requireBearer(c));
    const origin = officeOrigin(place, c.req.header('host') ?? '');
    const link = {
      link: `${origin}/login?code=${code}`,
      expires_at: new Date(expiresAt).toISOString(),
      expires_in_sec: LINK_LIFE_SEC,
    };
    return c.json(link, 201, { 'cache-control': 'no-store' });
  });
  router.openapi(endSession, async (c) => {
    const principal = personWhoAsks(c);
    const { id } = c.req.valid('param');
    const eventId = idFor(askerOf(c), `end session ${id}`);
    const session = live.office.sessions.get(id);
    if (session?.credentialId !== principal.credentialId) requireScope(c, 'admin');
    const credential = credentialById(live.office, session?.credentialId ?? '');
    if (credential?.office === principal.office) {
      await sessions.end(id, principal, `ended by ${principal.actor}`, eventId);
    } else {
      const segment = officeSegment(principal.office, 'members');
      if (!(await appendedBefore(log, segment, `session/${id}`, eventId))) throw sessionUnknown(id);
    }
    return c.json({ id, state: 'ended' as const }, 200);
  });
  return router;
}

/** @throws not_allowed for whoever is no person that may read */
function personWhoAsks(c: ApiContext): Principal {
  requireScope(c, 'read');
  const principal = c.get('principal');
  requirePerson(principal);
  return principal;
}

function sessionUnknown(id: string) {
  return nodeError('session_unknown', {
    what: `There is no session ${id} in this office`,
    why: 'it has ended, or there never was one',
    hint: 'See `tabbify sessions list`',
  });
}
