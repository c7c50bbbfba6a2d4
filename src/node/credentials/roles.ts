import type { PrincipalKind, Role } from '../../state/index.ts';

/** Scopes that do not name a segment (CONTRACTS §2, and `metrics`: all of `GET /metrics` and nothing else). */
export const PLAIN_SCOPES = [
  'read',
  'deploy',
  'data',
  'secrets:write',
  'approve',
  'admin',
  'metrics',
] as const;
export type PlainScope = (typeof PLAIN_SCOPES)[number];
/** What a credential may be used for. `events:append:<segment>` is the right to say events on exactly that segment. */
export type Scope = PlainScope | `events:append:${string}`;

/** Roles are fixed sets of scopes: whoever has the role has these, no more and no less. */
export const ROLE_SCOPES: { readonly [Name in Role]: readonly PlainScope[] } = {
  owner: ['read', 'deploy', 'data', 'secrets:write', 'approve', 'admin'],
  developer: ['read', 'deploy', 'data'],
  approver: ['read', 'approve'],
  viewer: ['read'],
};

/**
 * Scopes that a principal of this kind never has, whatever was asked for or stands in the log. An agent must not decide
 * about itself nor reach what people keep in the office (CONTRACTS §2). An app's code may be an agent's, so it has no
 * more; and what an app says is never folded (CONTRACTS §6), so it cannot deploy either. A supervisor has its own host.
 */
export const NEVER: { readonly [Kind in PrincipalKind]: readonly PlainScope[] } = {
  person: [],
  agent: ['data', 'secrets:write', 'approve', 'admin', 'metrics'],
  app: ['deploy', 'secrets:write', 'approve', 'admin', 'metrics'],
  supervisor: PLAIN_SCOPES,
};

const APPEND = 'events:append:';

export function isPlainScope(scope: string): scope is PlainScope {
  return (PLAIN_SCOPES as readonly string[]).includes(scope);
}

/** The segment that the scope lets its holder say events on; null for any other scope. */
export function appendSegment(scope: string): string | null {
  return scope.startsWith(APPEND) ? scope.slice(APPEND.length) : null;
}

export function appendScope(segment: string): Scope {
  return `${APPEND}${segment}`;
}
