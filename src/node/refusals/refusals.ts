import { setTimeout as after } from 'node:timers/promises';
import { type Clock, type Logger, messageOf } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { type DomainEvents, domainEvent } from '../../state/index.ts';
import type { Principal } from '../credentials/principal.ts';
import { type Allowance, allowance, type Rate } from './rate.ts';
import { type StrangerReason, type Strangers, strangers } from './strangers.ts';

/** What was refused: the answer that was given, and the template of the route that gave it. */
export type Refused = Pick<DomainEvents['request_refused'], 'method' | 'route' | 'status' | 'code'>;

/** How often was something refused since the node was started. */
export interface RefusalCounts {
  /** Of known actors: all, those that were appended as `request_refused`, and those that were left out. */
  readonly known: { readonly refused: number; readonly appended: number; readonly suppressed: number };
  /** Of unknown ones, by reason. */
  readonly unknown: Readonly<Record<StrangerReason, number>>;
}

/**
 * Keeps in mind what was refused (CONTRACTS §6): of a known actor as `request_refused` in the log, of an unknown one
 * as a number and a line in the node's own log. Nobody waits for it and nothing fails because of it.
 */
export interface Refusals {
  ofKnown(principal: Principal, refused: Refused): void;
  /** @param remote address of the peer */
  ofStranger(reason: StrangerReason, remote: string): void;
  counts(): RefusalCounts;
  /** Resolves when what is being appended has been or could not be, or after a second. */
  close(): Promise<void>;
}

export interface RefusalTools {
  readonly log: Pick<LogStore, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One that tries at random, or a program in a loop, shall not fill the log. */
const EACH: Rate = { burst: 10, intervalMs: 10_000 };
/** All credentials together: some 50 MB a day at the very most, which retention takes away again. */
const ALL: Rate = { burst: 100, intervalMs: 1_000 };
/** Credentials whose rate is remembered; they are issued by people, so this is far more than are refused at a time. */
const MAX_REMEMBERED = 1_000;
/** Appends under way; more of them means a slow disk, which has better things to write. */
const MAX_PENDING = 32;
/** Time between two lines about appends that failed (milliseconds). */
const WARN_EVERY_MS = 10_000;
/** A disk that hangs does not keep the node from closing (milliseconds). */
const CLOSE_GRACE_MS = 1_000;

interface Offender {
  readonly allowance: Allowance;
  /** Refusals since the last one that was written down. */
  suppressed: number;
}

export function createRefusals({ log, clock, logger }: RefusalTools): Refusals {
  const offenders = new Map<string, Offender>();
  const all = allowance(ALL, clock.now());
  const pending = new Set<Promise<void>>();
  const unknown: Strangers = strangers(clock, logger);
  const known = { refused: 0, appended: 0, suppressed: 0 };
  let warnedAt = Number.NEGATIVE_INFINITY;

  /** The one that was refused longest ago is forgotten first; what was left out of it is in the counts. */
  function offenderOf(credentialId: string, now: number): Offender {
    const found = offenders.get(credentialId) ?? { allowance: allowance(EACH, now), suppressed: 0 };
    offenders.delete(credentialId);
    offenders.set(credentialId, found);
    const oldest = offenders.keys().next();
    if (offenders.size > MAX_REMEMBERED && !oldest.done) offenders.delete(oldest.value);
    return found;
  }

  async function write(principal: Principal, refused: Refused, offender: Offender): Promise<void> {
    const { credentialId, actor, homeOffice } = principal;
    const { suppressed } = offender;
    offender.suppressed = 0;
    try {
      const data = { credential_id: credentialId, ...refused, suppressed };
      const context = { actor, source: '/node', office: homeOffice, clock };
      await log.append(domainEvent('request_refused', data, context));
      known.appended += 1;
    } catch (error) {
      offender.suppressed += suppressed + 1;
      known.suppressed += 1;
      const now = clock.now();
      if (Math.abs(now - warnedAt) < WARN_EVERY_MS) return;
      warnedAt = now;
      logger.warn({ why: messageOf(error) }, 'a refusal could not be written down');
    }
  }

  return {
    ofKnown(principal, refused) {
      const now = clock.now();
      known.refused += 1;
      const offender = offenderOf(principal.credentialId, now);
      if (pending.size >= MAX_PENDING || !offender.allowance.take(now) || !all.take(now)) {
        offender.suppressed += 1;
        known.suppressed += 1;
        return;
      }
      const written = write(principal, refused, offender).finally(() => pending.delete(written));
      pending.add(written);
    },
    ofStranger: unknown.note,
    counts: () => ({ known: { ...known }, unknown: unknown.counts() }),
    async close() {
      unknown.tell();
      if (pending.size === 0) return;
      const closed = new AbortController();
      const late = after(CLOSE_GRACE_MS, undefined, { signal: closed.signal }).catch(() => {}); // aborted: all is written
      await Promise.race([Promise.all(pending), late]);
      closed.abort();
    },
  };
}
