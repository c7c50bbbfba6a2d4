import { whySegmentIsClosed } from '../../app/index.ts';
import type { PrincipalKind, Role } from '../../state/index.ts';
import type { Principal } from '../credentials/principal.ts';
import { appendSegment, isPlainScope, NEVER, ROLE_SCOPES, type Scope } from '../credentials/roles.ts';
import { nodeError } from '../errors.ts';

/** Whom a token may be issued for; a supervisor gets its own by joining. */
export type TokenKind = Exclude<PrincipalKind, 'supervisor'>;

/** A token as it was asked for. */
export interface TokenRequest {
  readonly kind: TokenKind;
  readonly name: string;
  /** Null: the scopes are chosen one by one. */
  readonly role: Role | null;
  readonly scopes: readonly string[];
  /** Days from now; null: never. */
  readonly expiresInDays: number | null;
  /** End the token that has this name, instead of refusing. */
  readonly replace: boolean;
}

/**
 * The scopes that the token gets.
 *
 * @throws request_invalid for a scope that there is not; not_allowed for one that this kind never has, that the office
 *   cannot give, or that the asker does not hold himself
 */
export function grantedScopes(asker: Principal, request: TokenRequest): Scope[] {
  const { kind, role } = request;
  const scopes = [...new Set<string>(role === null ? request.scopes : ROLE_SCOPES[role])];
  if (scopes.length === 0) {
    throw nodeError('request_invalid', {
      what: 'The token would allow nothing',
      why: 'neither a role nor scopes were named',
      hint: `Name a role (${Object.keys(ROLE_SCOPES).join(', ')}) or scopes`,
    });
  }
  return scopes.map((scope) => {
    if (isPlainScope(scope)) {
      if (NEVER[kind].includes(scope)) throw neverHeld(kind, scope, role);
      const isHeld = asker.scopes.has(scope) || (scope === 'metrics' && asker.scopes.has('admin'));
      if (!isHeld) throw notHeld(asker, scope);
      return scope;
    }
    const segment = appendSegment(scope);
    if (segment === null) {
      throw nodeError('request_invalid', {
        what: `There is no scope ${JSON.stringify(scope.slice(0, 80))}`,
        hint: 'There are read, deploy, data, secrets:write, approve, admin, metrics and events:append:<segment>',
      });
    }
    const closed = whySegmentIsClosed(segment, asker.office);
    if (closed !== null) {
      throw nodeError('not_allowed', {
        what: `The scope \`${scope.slice(0, 80)}\` cannot be given`,
        why: closed,
        hint: 'Name another segment of the own office, e.g. `events:append:tenant_<office>.shop`',
      });
    }
    if (!asker.scopes.has(scope as Scope) && !asker.scopes.has('admin')) throw notHeld(asker, scope);
    return scope as Scope;
  });
}

function neverHeld(kind: TokenKind, scope: string, role: Role | null) {
  const whose = kind === 'agent' ? 'An agent’s credential' : 'An app’s credential';
  return nodeError('not_allowed', {
    what: `${whose} can never hold \`${scope}\``,
    ...(role !== null && { why: `the role ${role} has it` }),
    hint: `It may hold ${kind === 'agent' ? '`read`, `deploy`' : '`read`, `data`'} and \`events:append:<segment>\``,
  });
}

function notHeld(asker: Principal, scope: string) {
  return nodeError('not_allowed', {
    what: `The credential of '${asker.name}' cannot give \`${scope}\` away`,
    why: 'nobody issues what he does not hold himself',
    hint: 'Ask somebody who holds it, such as an owner',
  });
}
