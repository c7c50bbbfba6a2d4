import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { plainAddress } from '../../kit/index.ts';
import type { ApiContext, ApiEnv } from '../api/context.ts';
import { problemOfThrown } from '../api/respond.ts';
import type { Authenticator } from '../credentials/authenticator.ts';
import type { Principal } from '../credentials/principal.ts';
import type { EdgeRefusal } from '../edge/edge.ts';
import type { Refusals } from './refusals.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** As CONTRACTS §7 has it; an app's own host is the same app, and the path of a visit is nobody's business. */
const APP_ROUTE = '/app/{uuid}/{*rest}';

/**
 * Takes note of what the API refused. Stands before all other parts of the API, so that none can refuse unseen.
 *
 * Of a known actor: every 403, and every 4xx of a mutation but 401, 429 and what no route answers.
 */
export function noteRefusals(
  refusals: Refusals,
  authenticator: Pick<Authenticator, 'principalOf'>,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next();
    const { status } = c.res;
    if (status < 400 || status >= 500) return;
    const route = routeOf(c);
    if (route === null) return;
    const code = c.error === undefined ? 'refused' : problemOfThrown(c.error).code;
    const principal = principalOf(c, authenticator);
    const remote = plainAddress(c.env.incoming?.socket.remoteAddress);
    if (principal === null) {
      if (code === 'origin_foreign') refusals.ofStranger('origin_foreign', remote);
      else if (status === 401) {
        const shown = c.req.header('authorization') !== undefined;
        refusals.ofStranger(shown ? 'credential_unknown' : 'credential_absent', remote);
      }
    } else if (status === 403 || (!SAFE.has(c.req.method) && status !== 401 && status !== 429)) {
      refusals.ofKnown(principal, { method: c.req.method, route, status, code });
    }
  };
}

/** Takes note of who was not let in by the edge. */
export function noteEdgeRefusal(refusals: Refusals, refused: EdgeRefusal): void {
  const { request, principal, status, code } = refused;
  if (principal !== null) {
    refusals.ofKnown(principal, { method: request.method ?? 'GET', route: APP_ROUTE, status, code });
    return;
  }
  const reason = code === 'host_foreign' ? 'host_foreign' : 'app_private';
  refusals.ofStranger(reason, plainAddress(request.socket.remoteAddress));
}

/** Also of one who was refused before the guards had looked at the credential. */
function principalOf(c: ApiContext, authenticator: Pick<Authenticator, 'principalOf'>): Principal | null {
  const known: Principal | undefined = c.get('principal');
  return known ?? authenticator.principalOf(c.req.header('authorization') ?? '');
}

/** Template of the route that answered, e.g. `/v1/apps/{uuid}/deploy`; null when none is there. */
function routeOf(c: ApiContext): string | null {
  const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'));
  return route?.path.replaceAll(/:(\w+)(\{[^/]*\})?\??/g, '{$1}') ?? null;
}
