import type { StoredEvent } from '../../log/index.ts';
import type { DomainEventType } from '../events.ts';
import { emptyOffice, type OfficeState } from '../office-state.ts';
import {
  classOf,
  dataschemaOf,
  domainTypeOf,
  domainTypes,
  newestVersionOf,
  schemaVersion,
} from '../registry.ts';
import { type ShapeCheck, shapeOf } from '../shape.ts';
import { tooNew, upcastData } from '../upcast.ts';
import { approvalChanges } from './approvals.ts';
import { appChanges } from './apps.ts';
import { assignmentChanges } from './assignments.ts';
import type { Change, Changes } from './changes.ts';
import { deploymentChanges } from './deployments.ts';
import { instanceChanges } from './instances.ts';
import { lifeCycleChanges } from './life-cycle.ts';
import { memberChanges } from './members.ts';

/** Types of class `office` that tell of no entity: kept for ever as a record, nothing follows from them. */
type Recorded =
  | 'payload_erased'
  | 'projections_rebuilt'
  | 'secret_registered'
  | 'secret_deleted'
  | 'app_grant_changed';
type Traffic = 'request_refused' | 'delivery_succeeded' | 'delivery_failed';

const changes: Changes<Exclude<DomainEventType, Recorded | Traffic>> = {
  ...memberChanges,
  ...appChanges,
  ...deploymentChanges,
  ...assignmentChanges,
  ...instanceChanges,
  ...lifeCycleChanges,
  ...approvalChanges,
};

/** How a type is folded: all that is looked up for one of a million events. */
interface Folding {
  readonly type: DomainEventType;
  readonly newest: number;
  readonly dataschema: string;
  readonly shape: ShapeCheck;
  /** Null: a record. */
  readonly change: Change<DomainEventType> | null;
}

const foldings: ReadonlyMap<string, Folding> = new Map(
  (Object.keys(domainTypes) as DomainEventType[])
    .filter((type) => classOf(type) === 'office')
    .map((type) => [
      type,
      {
        type,
        newest: newestVersionOf(type),
        dataschema: dataschemaOf(type),
        shape: shapeOf(domainTypeOf(type).newest),
        change: (changes as Partial<Record<DomainEventType, Change<DomainEventType>>>)[type] ?? null,
      },
    ]),
);

/**
 * Folds one event into the state it is given and answers that same state: a fold owns its state, and a copy for each
 * of a million events would cost minutes.
 *
 * Left alone, apart from the position: events of class `traffic`, unknown types, domain types said by an app
 * (CONTRACTS §6), bodies that were erased or are not of the schema they name, and events that were folded before
 * (at-least-once delivery).
 *
 * @throws TabbifyError `event_too_new` for a known type in a newer schema; the state is then as it was
 */
export function applyEvent(state: OfficeState, event: StoredEvent): OfficeState {
  if (event.position <= state.position) return state;
  const folding = event.class === 'traffic' ? undefined : foldings.get(event.type);
  if (folding !== undefined && !event.actor.startsWith('app:')) fold(state, event, folding);
  state.position = event.position;
  return state;
}

/** The state that a history leads to. */
export function foldEvents(events: Iterable<StoredEvent>): OfficeState {
  const state = emptyOffice();
  for (const event of events) applyEvent(state, event);
  return state;
}

function fold(state: OfficeState, event: StoredEvent, folding: Folding): void {
  const { type, newest, dataschema, shape, change } = folding;
  let data: StoredEvent['data'] | null = event.data;
  if (event.dataschema !== dataschema) {
    const written = schemaVersion(event.dataschema);
    if (written > newest) throw tooNew(event, written, newest);
    data = upcastData(type, written, data);
  }
  if (change === null || data === null || event.erased !== undefined) return;
  // It was checked before it was appended; this is against a body that a fault or a foreign hand wrote.
  if (shape(data)) change(state, data as never, event);
}
