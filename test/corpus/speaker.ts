import type { EventDraft, JsonObject } from '../../src/log/index.ts';
import { type DomainEvents, type DomainEventType, domainEvent } from '../../src/state/index.ts';
import { idAt } from './ids.ts';

/** The time of the corpus' first event. */
const BEGINNING = Date.UTC(2026, 5, 1);
/** A million events are 139 days. */
const STEP_MS = 12_000;

/** Writes drafts whose ids and times follow from how many were written before. */
export interface Speaker {
  /** Epoch milliseconds of the next event. */
  readonly now: number;
  node<T extends DomainEventType>(type: T, data: DomainEvents[T], actor?: string): EventDraft;
  host<T extends DomainEventType>(type: T, data: DomainEvents[T], supervisor: string): EventDraft;
  /** What comes from outside or from an app: class traffic. */
  traffic(event: {
    type: string;
    segment: string;
    subject: string;
    actor: string;
    data: JsonObject;
  }): EventDraft;
}

export function createSpeaker(): Speaker {
  let said = 0;
  const now = () => BEGINNING + said * STEP_MS;
  const next = () => {
    const clock = { now: () => at };
    const at = now();
    said += 1;
    return { id: idAt(at, said), clock };
  };
  return {
    get now() {
      return now();
    },
    node: (type, data, actor = 'user:owner') =>
      domainEvent(type, data, { ...next(), actor, source: '/node' }),
    host: (type, data, supervisor) =>
      domainEvent(type, data, {
        ...next(),
        actor: `supervisor:${supervisor}`,
        source: `/supervisors/${supervisor}`,
      }),
    traffic(event) {
      const { id, clock } = next();
      return {
        ...event,
        id,
        source: event.actor.startsWith('app:') ? '/node' : '/gateway',
        time: new Date(clock.now()).toISOString(),
        dataschema: `tabbify:${event.type}/1`,
        tenant: 'default',
        class: 'traffic',
      };
    },
  };
}
