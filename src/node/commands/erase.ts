import type { Clock } from '../../kit/index.ts';
import {
  type EventFilter,
  type LogStore,
  type SealedLog,
  type StoredEvent,
  storedBytes,
} from '../../log/index.ts';
import { type DomainEvents, domainEvent, officeSegment } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { eraseInSteps } from '../retention/erase-in-steps.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';
import { subjectKey } from './subject-key.ts';

export interface EraseCommandTools {
  readonly log: SealedLog;
  readonly commands: CommandQueue;
  readonly clock: Clock;
}

/** What an erasure did, or would do. */
export interface Erasure {
  /** Tombstones made. */
  readonly events: number;
  /** Bytes of bodies and blobs. */
  readonly bytes: number;
  /** Keys destroyed. */
  readonly keys: number;
  /** Position up to which it looked. */
  readonly through: number;
  /** Events about the subject that stay: those that the office is made of. */
  readonly kept: number;
}

/**
 * Erases what came from outside about a subject in the asker's office, and says so in the log.
 *
 * First the key goes: with it every sealed body of the subject is gone, in copies of the log too. Then the bodies become
 * tombstones, in small steps. Last it is told as `payload_erased`. Killed in between it has promised nothing yet; asked
 * again it erases the rest. A repeat under the same Idempotency-Key is answered as the first request was.
 */
export async function eraseSubject(
  { log, commands, clock }: EraseCommandTools,
  asker: Asker,
  subject: string,
): Promise<Erasure> {
  const { principal } = asker;
  const { office, actor } = principal;
  requireInForce(principal);
  const id = idFor(asker, `erase ${subject}`);
  const before = await erasureBefore(log, office, subject, id);
  if (before !== null) return { ...before, kept: await keptEvents(log, office, subject) };

  const head = await log.head();
  const keys = await log.destroyKey(subjectKey(office, subject));
  const { events, bytes, through: last } = await eraseInSteps(log, { tenants: [office], subject });
  // Up to where the log was when it began everything was looked at, whether a repeat found bodies there or not.
  const done = { events, bytes, keys, through: Math.max(head, last) };
  await commands.append(
    domainEvent(
      'payload_erased',
      { subject, reason: 'asked', ...done },
      { actor, source: '/node', office, clock, id },
    ),
  );
  return { ...done, kept: await keptEvents(log, office, subject) };
}

/** What an erasure would do now, without blobs; changes nothing. */
export async function previewErasure(log: SealedLog, office: string, subject: string): Promise<Erasure> {
  const through = await log.head();
  let events = 0;
  let bytes = 0;
  for await (const event of eventsOf(log, { tenants: [office], subject, class: 'traffic' })) {
    if (event.erased !== undefined) continue;
    events++;
    bytes += storedBytes(event);
  }
  const keys = log.livingKeys(subjectKey(office, subject));
  return { events, bytes, keys, through, kept: await keptEvents(log, office, subject) };
}

async function keptEvents(log: LogStore, office: string, subject: string): Promise<number> {
  let count = 0;
  for await (const event of eventsOf(log, { tenants: [office], subject, class: 'office' })) {
    if (event.type !== 'payload_erased') count++; // what tells of the erasure itself
  }
  return count;
}

async function* eventsOf(log: LogStore, filter: EventFilter): AsyncGenerator<StoredEvent> {
  let after: number | null = 0;
  while (after !== null) {
    const page = await log.read({ ...filter, after, limit: 1000 });
    yield* page.events;
    after = page.next;
  }
}

/** What an erasure under this id did before; null when there was none. */
async function erasureBefore(
  log: LogStore,
  office: string,
  subject: string,
  id: string,
): Promise<Omit<Erasure, 'kept'> | null> {
  const segments = [officeSegment(office, 'audit')];
  const page = await log.read({ segments, subject, types: ['payload_erased'], order: 'newest', limit: 20 });
  const found = page.events.find((event) => event.id === id);
  if (found === undefined) return null;
  const { events, bytes, keys, through } = found.data as unknown as DomainEvents['payload_erased'];
  return { events, bytes, keys, through };
}
