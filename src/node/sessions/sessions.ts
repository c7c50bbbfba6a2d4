import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Logger, messageOf, newId } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { credentialById, domainEvent, type SessionState, sessionsOf } from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { endOf } from '../credentials/credentials-in-use.ts';
import type { ForwardClock } from '../credentials/forward-clock.ts';
import { inUse } from '../credentials/in-use.ts';
import { type Principal, principalOf, requireInForce } from '../credentials/principal.ts';
import { tokenHash } from '../credentials/token.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';

/** A session in force, and who is signed in by it. */
export interface SignedIn {
  readonly session: SessionState;
  /** Of the session's credential; `ended` aborts when the session ends as well. The same value at every use. */
  readonly principal: Principal;
}

/** A session that was started now. */
export interface StartedSession {
  /** What the cookie of the office holds; shown this once. */
  readonly cookie: string;
  /** The browser may keep it for so long (seconds). */
  readonly maxAgeSec: number;
}

/** People signed in with browsers. A session asks in the place of a credential and ends with it at the latest. */
export interface Sessions {
  /** @param cookie value of the office's cookie. @returns null unless it is of a session in force; counts as a use */
  byCookie(cookie: string): SignedIn | null;
  /** @param id of a session that another cookie was sealed for; else as `byCookie` */
  byId(id: string): SignedIn | null;
  /** Signs a person in. @throws not_allowed for whoever is no person that may read, credential_missing */
  start(principal: Principal, by: SessionState['by'], browser: string): Promise<StartedSession>;
  /**
   * Ends a session at once; nothing when there is none.
   *
   * @param eventId idempotency key of the event
   * @throws credential_missing when the credential or the session of who asks has ended meanwhile
   */
  end(id: string, actor: Principal, reason: string, eventId?: string): Promise<void>;
  /** Sessions of a credential that are in force, oldest first. */
  of(credentialId: string): SessionState[];
  /** RFC 3339, to the minute if it was used since the node started, else to a day. */
  usedAt(session: SessionState): string;
  close(): Promise<void>;
}

export interface SessionTools {
  readonly log: Pick<LogStore, 'append'>;
  readonly live: Pick<LiveState, 'office' | 'onEvent'>;
  readonly commands: CommandQueue;
  /** Judges what has expired. */
  readonly clock: ForwardClock;
  readonly logger: Logger;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A browser asks for no new sign-in for so long … */
const LIFE_MS = 30 * DAY_MS;
/** … if it is used: without a use for so long the session ends. */
const IDLE_MS = 7 * DAY_MS;
/** A use is written down when the last one that was is as old as this. */
const NOTE_USE_MS = DAY_MS;
/** Sessions of one credential; the one that was used longest ago makes room. */
const MAX_SESSIONS = 20;
const COOKIE = /^(?<id>[0-9a-f-]{36})\.(?<secret>[A-Za-z0-9_-]{43})$/;

export function createSessions({ log, live, commands, clock, logger }: SessionTools): Sessions {
  const { office } = live;
  const used = inUse(lookUp, clock, 'the session has ended');
  const known = new Map<string, SignedIn>();
  const usedAtMs = new Map<string, number>();
  const noting = new Map<string, Promise<void>>();
  const stopListening = live.onEvent(({ type }) => {
    if (type !== 'session_ended' && type !== 'credential_issued' && type !== 'credential_revoked') return;
    used.sweep();
    for (const id of usedAtMs.keys()) if (!office.sessions.has(id)) forget(id);
  });

  /** The log is not trusted to say more than it may: whatever it says, nobody but a person is signed in. */
  function lookUp(id: string) {
    const session = office.sessions.get(id);
    const credential = session === undefined ? null : credentialById(office, session.credentialId);
    if (session === undefined || credential?.kind !== 'person') return null;
    const idleAt = endOf(session.usedAt) + IDLE_MS;
    return {
      entry: { session, credential },
      endsAt: Math.min(endOf(session.expiresAt), idleAt, endOf(credential.expiresAt)),
    };
  }

  function forget(id: string): void {
    known.delete(id);
    usedAtMs.delete(id);
  }

  function byId(id: string): SignedIn | null {
    const use = used.use(id);
    if (use === null) {
      forget(id);
      return null;
    }
    noteUse(use.entry.session);
    const before = known.get(id);
    if (before?.principal.ended === use.ended) return before;
    const signedIn = {
      session: use.entry.session,
      principal: principalOf(use.entry.credential, use.ended),
    };
    known.set(id, signedIn);
    return signedIn;
  }

  /** Nobody waits for it, and a log that cannot take it only lets the session end sooner. */
  function noteUse({ id, usedAt, credentialId }: SessionState): void {
    const now = clock.now();
    usedAtMs.set(id, now);
    if (now - endOf(usedAt) < NOTE_USE_MS || noting.has(id)) return;
    const credential = credentialById(office, credentialId);
    if (credential === null) return;
    const context = { actor: `user:${credential.name}`, source: '/node', office: credential.office, clock };
    const noted = log
      .append(domainEvent('session_used', { session_id: id }, context))
      .catch((error: unknown) => logger.warn({ why: messageOf(error) }, 'a use could not be written down'))
      .then(() => void noting.delete(id));
    noting.set(id, noted);
  }

  function lastUse(session: SessionState): number {
    return Math.max(endOf(session.usedAt), usedAtMs.get(session.id) ?? 0);
  }

  function inForce(credentialId: string): SessionState[] {
    return sessionsOf(office, credentialId).filter(({ id }) => (lookUp(id)?.endsAt ?? 0) > clock.now());
  }

  /** In the queue. */
  async function appendEnd(id: string, actor: Principal, reason: string, eventId?: string): Promise<void> {
    const credential = credentialById(office, office.sessions.get(id)?.credentialId ?? '');
    if (credential === null) return; // it ended with its credential
    const context = { actor: actor.actor, source: '/node', office: credential.office, clock };
    const said = { ...context, ...(eventId !== undefined && { id: eventId }) };
    await commands.append(domainEvent('session_ended', { session_id: id, reason }, said));
  }

  return {
    byCookie(cookie) {
      const { id, secret } = COOKIE.exec(cookie)?.groups ?? {};
      const expected = office.sessions.get(id ?? '')?.secretHash;
      if (id === undefined || secret === undefined || expected === undefined) return null;
      const isIt = timingSafeEqual(Buffer.from(tokenHash(secret), 'hex'), Buffer.from(expected, 'hex'));
      return isIt ? byId(id) : null;
    },
    byId,
    start(principal, by, browser) {
      requirePerson(principal);
      return commands.run(async () => {
        requireInForce(principal);
        const others = inForce(principal.credentialId).sort((a, b) => lastUse(b) - lastUse(a));
        for (const { id } of others.slice(MAX_SESSIONS - 1)) {
          await appendEnd(id, principal, 'it was one too many');
        }
        const id = newId();
        const secret = randomBytes(32).toString('base64url');
        const now = clock.now();
        const expiresAt = Math.min(now + LIFE_MS, endOf(principal.expiresAt));
        const data = {
          session_id: id,
          credential_id: principal.credentialId,
          secret_sha256: tokenHash(secret),
          by,
          browser,
          expires_at: new Date(expiresAt).toISOString(),
        };
        const context = { actor: principal.actor, source: '/node', office: principal.homeOffice, clock };
        await commands.append(domainEvent('session_started', data, context));
        return { cookie: `${id}.${secret}`, maxAgeSec: (expiresAt - now) / 1000 };
      });
    },
    end: (id, actor, reason, eventId) =>
      commands.run(async () => {
        requireInForce(actor);
        await appendEnd(id, actor, reason, eventId);
      }),
    of: inForce,
    usedAt: (session) => new Date(Math.floor(lastUse(session) / 60_000) * 60_000).toISOString(),
    async close() {
      stopListening();
      used.close();
      await Promise.all(noting.values());
    },
  };
}

/** @throws not_allowed for an agent, an app or a supervisor, and for whoever may not read */
export function requirePerson({ kind, name, scopes }: Principal): void {
  if (kind === 'person' && scopes.has('read')) return;
  throw nodeError('not_allowed', {
    what: `'${name}' cannot sign in with a browser`,
    why:
      kind === 'person'
        ? 'its credential does not have the scope `read`'
        : `its credential is of the kind ${kind}, and only people sign in`,
    hint: 'Use a person’s credential, such as the owner’s',
  });
}
