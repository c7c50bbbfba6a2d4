import { whySegmentIsClosed } from '../../app/index.ts';
import type { Credential, PrincipalKind, Role } from '../../state/index.ts';
import { hostSegment } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import { appendScope, appendSegment, isPlainScope, NEVER, ROLE_SCOPES, type Scope } from './roles.ts';

export type { Scope } from './roles.ts';

/** The office that is there from the beginning; its owners are the machine's. */
export const FIRST_OFFICE = 'default';

/** Who is asking, as the log's credential says. */
export interface Principal {
  readonly credentialId: string;
  readonly kind: PrincipalKind;
  /** As the credential has it; of an app its UUID. */
  readonly name: string;
  /** `user:<name>`, `agent:<name>`, `supervisor:<name>` or `app:<uuid>`: the actor of the events that follow. */
  readonly actor: string;
  /** The office that is asked about: the credential's own, or the one that an owner of the machine picked. */
  readonly office: string;
  /** The office that the credential belongs to. */
  readonly homeOffice: string;
  /** An owner of the office `default`: sees, makes and picks every office of this machine. */
  readonly ownsMachine: boolean;
  readonly role: Role | null;
  readonly scopes: ReadonlySet<Scope>;
  /** RFC 3339; null: never. */
  readonly expiresAt: string | null;
  /** Aborts when the credential is revoked, replaced or expires; whatever is open under it ends then. */
  readonly ended: AbortSignal;
}

/** The principal of a credential that is in force. */
export function principalOf(credential: Credential, ended: AbortSignal): Principal {
  const { id, kind, name, office, role, expiresAt } = credential;
  const scopes = scopesInForce(credential);
  return {
    credentialId: id,
    kind,
    name,
    actor: `${ACTOR[kind]}:${name}`,
    office,
    homeOffice: office,
    ownsMachine: holdsOwnerRole(credential) && office === FIRST_OFFICE,
    role,
    scopes,
    expiresAt,
    ended,
  };
}

const ACTOR: { readonly [Kind in PrincipalKind]: string } = {
  person: 'user',
  agent: 'agent',
  supervisor: 'supervisor',
  app: 'app',
};

/** Is this a person with all that an owner has? Decided by the scopes, whatever the role is called. */
export function holdsOwnerRole(credential: Credential): boolean {
  const scopes = scopesInForce(credential);
  return credential.kind === 'person' && ROLE_SCOPES.owner.every((each) => scopes.has(each));
}

/**
 * What a credential really allows: the log is not trusted to say no more than it may. A role is its fixed set, unknown
 * scopes are none, a kind never has what it never may have, and a segment must be open to the office.
 */
export function scopesInForce({
  kind,
  name,
  office,
  role,
  scopes,
}: Pick<Credential, 'kind' | 'name' | 'office' | 'role' | 'scopes'>): ReadonlySet<Scope> {
  if (kind === 'supervisor') return new Set([appendScope(hostSegment(name))]);
  const never: readonly string[] = NEVER[kind];
  const granted = role === null ? scopes : (ROLE_SCOPES[role] ?? []);
  return new Set(
    granted.filter((scope): scope is Scope => {
      if (isPlainScope(scope)) return !never.includes(scope);
      const segment = appendSegment(scope);
      return segment !== null && whySegmentIsClosed(segment, office) === null;
    }),
  );
}

/**
 * For commands that waited before they decide, in the queue or for an upload.
 *
 * @throws credential_missing when the credential has ended since the request came in
 */
export function requireInForce({ ended, name }: Principal): void {
  if (!ended.aborted) return;
  throw nodeError('credential_missing', {
    what: `The credential of '${name}' ended while the request waited`,
    why: 'it was revoked or replaced, or it has expired; nothing was changed',
    hint: 'Ask again with a credential that is in force',
  });
}
