import type { MiddlewareHandler } from 'hono';
import type { OfficeState } from '../../state/index.ts';
import type { Authenticator } from '../credentials/authenticator.ts';
import { inPickedOffice, OFFICE_HEADER } from '../credentials/picked-office.ts';
import { FIRST_OFFICE, requireInForce, type Scope } from '../credentials/principal.ts';
import type { Place } from '../edge/addresses.ts';
import type { HostNames } from '../edge/host-names.ts';
import { nodeError } from '../errors.ts';
import type { Passes } from '../sessions/passes.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { ApiContext, ApiEnv } from './context.ts';
import { endWithCredential } from './end-with-credential.ts';
import { requireOwnPage, signedInBy } from './web-guards.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A state-changing call from a page of another origin is refused (CONTRACTS §7). Programs send no `Origin`; a page under
 * the path mount sends `null`. The `Host` itself was checked before the request came here.
 */
export function refuseForeignOrigins(hostNames: HostNames): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const origin = c.req.header('origin');
    if (
      origin !== undefined &&
      !SAFE.has(c.req.method) &&
      !isOffice(hostNames, origin, c.req.header('host'))
    ) {
      throw nodeError('origin_foreign', {
        what: `A page of ${origin} may not change this office`,
        hint: 'Call the API from the office’s own pages, or from a program with a credential',
      });
    }
    await next();
  };
}

function isOffice(hostNames: HostNames, origin: string, host: string | undefined): boolean {
  const { protocol, host: named } = URL.parse(origin) ?? { protocol: '', host: '' };
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  // an address in numbers is ours when the request itself came to it
  return hostNames.roleOf(named).kind === 'office' || named === host;
}

/** Who vouches for callers. */
export interface GuardTools {
  readonly authenticator: Authenticator;
  readonly sessions: Pick<Sessions, 'byCookie'>;
  readonly passes: Pick<Passes, 'principalOf'>;
  readonly place: Place;
}

/** What the gateway asks on behalf of a browser: who that is, and to have the change fetched that it made. */
const FOR_PASSES = new Set(['/v1/self', '/v1/secrets/changes']);

/**
 * Every call needs a credential in force, shown as bearer, or the cookie of a session that asks in its place. What it is answered with ends with the credential: a stream
 * of any kind is cut off when the credential is revoked, replaced or expires.
 */
export function requireCredential(
  { authenticator, sessions, passes, place }: GuardTools,
  office: OfficeState,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const authorization = c.req.header('authorization');
    const signedIn = authorization === undefined ? signedInBy(c, sessions) : null;
    const principal =
      signedIn?.principal ??
      authenticator.principalOf(authorization ?? '') ??
      (FOR_PASSES.has(c.req.path) ? passes.principalOf(authorization ?? '') : null);
    if (principal === null) {
      throw nodeError('credential_missing', {
        what: authorization
          ? 'The credential is not known here, or has ended'
          : 'This call needs a credential',
        hint: 'Send `Authorization: Bearer <token>`; on the office’s machine it lies in node.key of its home',
      });
    }
    c.set('principal', principal); // known from here on, also to who notes refusals
    c.set('session', signedIn?.session ?? null);
    if (signedIn !== null) requireOwnPage(c, place);
    c.set('principal', inPickedOffice(principal, office, c.req.header(OFFICE_HEADER)));
    await next();
    endWithCredential(c, principal.ended);
  };
}

/**
 * Asked when the request is there with its body, which may have come in slowly: long after its head was let in.
 *
 * @throws not_allowed when the asker does not have this scope; credential_missing when the credential has ended meanwhile
 */
export function requireScope(c: ApiContext, scope: Scope): void {
  const principal = c.get('principal');
  requireInForce(principal);
  const { name, scopes } = principal;
  if (scopes.has(scope)) return;
  throw nodeError('not_allowed', {
    what: `The credential of '${name}' does not allow this`,
    why: `it needs the scope \`${scope}\``,
    hint: 'Use a credential that has it, such as the owner’s',
  });
}

/**
 * For what no approval can undo or put off.
 *
 * @throws person_needed for an agent
 */
export function requirePerson(c: ApiContext): void {
  const { kind, name } = c.get('principal');
  if (kind === 'person') return;
  throw nodeError('person_needed', {
    what: `What the agent '${name}' asks for was not done`,
    why: 'it is for a person to do',
    hint: 'A person with the role developer or owner can do it',
  });
}

/** @throws not_allowed when the asker is no owner of the machine (an owner of the first office) */
export function requireMachineOwner(c: ApiContext): void {
  const { name, ownsMachine } = c.get('principal');
  if (ownsMachine) return;
  throw nodeError('not_allowed', {
    what: `The credential of '${name}' does not allow this`,
    why: `it concerns the whole machine, which is for an owner of the office '${FIRST_OFFICE}'`,
    hint: 'Use the credential in node.key of the machine’s home',
  });
}

/** @throws not_allowed when the asker is not the supervisor of this name */
export function requireSupervisor(c: ApiContext, name: string): void {
  const principal = c.get('principal');
  if (principal.kind === 'supervisor' && principal.name === name) return;
  throw nodeError('not_allowed', {
    what: `Only the supervisor '${name}' itself may do this`,
    hint: 'Use the credential that it was given when it joined',
  });
}
