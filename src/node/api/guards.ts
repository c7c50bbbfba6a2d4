import type { MiddlewareHandler } from 'hono';
import type { Authenticator } from '../credentials/authenticator.ts';
import type { Scope } from '../credentials/principal.ts';
import type { HostNames } from '../edge/host-names.ts';
import { nodeError } from '../errors.ts';
import type { ApiContext, ApiEnv } from './context.ts';

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

/** Every call needs a credential of the office, shown as bearer. */
export function requireCredential(authenticator: Authenticator): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const principal = authenticator.principalOf(c.req.header('authorization') ?? '');
    if (principal === null) {
      throw nodeError('credential_missing', {
        what: c.req.header('authorization')
          ? 'The credential is not known here'
          : 'This call needs a credential',
        hint: 'Send `Authorization: Bearer <token>`; on the office’s machine it lies in node.key of its home',
      });
    }
    c.set('principal', principal);
    await next();
  };
}

/** @throws not_allowed when the asker is no person with this scope */
export function requireScope(c: ApiContext, scope: Scope): void {
  const principal = c.get('principal');
  if (principal.kind === 'person' && principal.scopes.has(scope)) return;
  throw nodeError('not_allowed', {
    what: `The credential of '${principal.name}' does not allow this`,
    why: `it needs the scope \`${scope}\``,
    hint: 'Use a credential that has it, such as the owner’s',
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
