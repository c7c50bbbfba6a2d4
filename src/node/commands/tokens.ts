import { isUuid } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import {
  type Credential,
  credentialsOf,
  domainEvent,
  type OfficeState,
  officeSegment,
} from '../../state/index.ts';
import type { ForwardClock } from '../credentials/forward-clock.ts';
import { OWNER, OWNER_CREDENTIAL } from '../credentials/owner-key.ts';
import { FIRST_OFFICE, type Principal, requireInForce } from '../credentials/principal.ts';
import { newToken, tokenHash } from '../credentials/token.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Presences } from '../supervisors/presences.ts';
import { appOfOffice } from './app-of-office.ts';
import { appendedBefore } from './appended-before.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';
import { grantedScopes, type TokenRequest } from './token-request.ts';

export interface TokenCommandTools {
  readonly log: LogStore;
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly presences: Presences;
  /** Judges expiry. */
  readonly credentialClock: ForwardClock;
}

export interface IssuedToken {
  /** Shown this once. */
  readonly token: string;
  readonly credential: Credential;
  /** The credential of the same name whose token has ended now. */
  readonly replaced: Credential | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A name stands in actors of events: `user:<name>`. */
const NAME = /^[a-z0-9][a-z0-9._@-]{0,62}$/;

/**
 * Issues a token in the asker's office. Names are unique per kind and office: one in force is replaced only when asked
 * for, and a repeated request (Idempotency-Key) neither issues a second token nor shows the first again.
 *
 * @throws request_invalid, not_allowed, app_unknown, name_taken, name_reserved, idempotency_conflict
 */
export function issueToken(
  { log, live, commands, credentialClock: clock }: TokenCommandTools,
  asker: Asker,
  request: TokenRequest,
): Promise<IssuedToken> {
  const { principal } = asker;
  const { kind, role } = request;
  const name = kind === 'app' ? request.name.toLowerCase() : request.name;
  const eventId = idFor(asker, 'token');
  return commands.run(async () => {
    requireInForce(principal);
    checkName(live.office, principal, { ...request, name });
    const scopes = grantedScopes(principal, request);
    const before = credentialsOf(live.office, principal.office).find(
      (each) => each.kind === kind && each.name === name,
    );
    const taken = before !== undefined && stateOf(before, clock) === 'active' ? before : null;
    if (taken !== null && !request.replace) {
      const segment = officeSegment(principal.office, 'members');
      if (await appendedBefore(log, segment, `credential/${taken.id}`, eventId)) throw issuedBefore();
      throw nodeError('name_taken', {
        what: `'${name}' has a token already`,
        why: `it is ${taken.id}, issued ${taken.issuedAt}`,
        hint: 'Choose another name, revoke it, or ask to replace it (`replace`, in a terminal --replace)',
      });
    }
    const token = newToken();
    const hash = tokenHash(token);
    const data = {
      credential_id: before?.id ?? eventId,
      kind,
      name,
      role,
      scopes,
      token_sha256: hash,
      expires_at:
        request.expiresInDays === null
          ? null
          : new Date(clock.now() + request.expiresInDays * DAY_MS).toISOString(),
    };
    const context = { actor: principal.actor, source: '/node', office: principal.office, id: eventId, clock };
    const { duplicate } = await commands.append(domainEvent('credential_issued', data, context));
    const credential = live.office.credentials.get(hash);
    if (duplicate || credential === undefined) throw issuedBefore();
    return { token, credential, replaced: taken };
  });
}

export type CredentialStateName = 'active' | 'expired';

/** Expired credentials are listed until their name is issued anew; revoked ones are in the log alone. */
export function stateOf({ expiresAt }: Credential, clock: ForwardClock): CredentialStateName {
  return expiresAt === null || Date.parse(expiresAt) > clock.now() ? 'active' : 'expired';
}

/**
 * Ends a credential of the asker's office at once, on open streams too.
 *
 * @returns what the asker should know of the consequences
 * @throws credential_unknown
 */
export function revokeToken(
  { log, live, commands, presences, credentialClock: clock }: TokenCommandTools,
  asker: Asker,
  id: string,
): Promise<readonly string[]> {
  const { principal } = asker;
  const eventId = idFor(asker, `revoke ${id}`);
  return commands.run(async () => {
    requireInForce(principal);
    const found = credentialsOf(live.office, principal.office).find((each) => each.id === id);
    if (found === undefined) {
      const segment = officeSegment(principal.office, 'members');
      if (await appendedBefore(log, segment, `credential/${id}`, eventId)) return [];
      throw nodeError('credential_unknown', {
        what: `No credential ${id} in this office`,
        why: 'it was revoked before, or never issued here',
        hint: 'See `tabbify tokens list`',
      });
    }
    const data = { credential_id: id, reason: `revoked by ${principal.actor}` };
    const context = { actor: principal.actor, source: '/node', office: principal.office, id: eventId, clock };
    await commands.append(domainEvent('credential_revoked', data, context));
    if (found.kind === 'supervisor') presences.forget(found.name);
    return consequences(found, principal);
  });
}

function consequences(revoked: Credential, asker: Principal): string[] {
  const { id, kind, name } = revoked;
  return [
    ...(id === OWNER_CREDENTIAL
      ? ['node.key opens nothing any more; the next start of the node writes a new one in its place']
      : []),
    ...(id === asker.credentialId ? ['this was the credential that you asked with'] : []),
    ...(kind === 'supervisor'
      ? [
          `the apps of the supervisor '${name}' go on running; it joins again by itself where it has an owner’s credential`,
        ]
      : []),
  ];
}

function checkName(office: OfficeState, principal: Principal, { kind, name }: TokenRequest): void {
  if (kind === 'app') {
    if (!isUuid(name)) {
      throw nodeError('request_invalid', {
        what: `${JSON.stringify(name.slice(0, 80))} is not an app`,
        why: 'a token of the kind app is named by the app’s uuid',
        hint: 'See the ids with `tabbify apps`',
      });
    }
    appOfOffice(office, { principal }, name);
    return;
  }
  if (!NAME.test(name)) {
    throw nodeError('request_invalid', {
      what: `${JSON.stringify(name.slice(0, 80))} cannot be the name of a token`,
      why: 'a name has 1 to 63 of a-z, 0-9, dot, hyphen, underscore and @, and begins with a letter or a digit',
      hint: 'For example `anna` or `ci`',
    });
  }
  if (kind === 'person' && name === OWNER && principal.office === FIRST_OFFICE) {
    throw nodeError('name_reserved', {
      what: `'${OWNER}' is the name of the credential in node.key`,
      hint: 'Choose another name. To renew node.key revoke its credential and start the node again',
    });
  }
}

function issuedBefore() {
  return nodeError('idempotency_conflict', {
    what: 'A token was issued under this Idempotency-Key before',
    why: 'a token is shown once, in the first answer',
    hint: 'If that answer was lost: ask with a new key and `replace`',
  });
}
