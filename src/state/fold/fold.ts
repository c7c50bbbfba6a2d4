import type { StoredEvent } from '../../log/index.ts';
import { stateError } from '../errors.ts';
import type { DomainEventType } from '../events.ts';
import { emptyOffice, type OfficeState } from '../office-state.ts';
import { domainSchemas, isDomainType, schemaVersion } from '../registry.ts';
import { appChanges } from './apps.ts';
import { assignmentChanges } from './assignments.ts';
import type { Change, Changes } from './changes.ts';
import { deploymentChanges } from './deployments.ts';
import { instanceChanges } from './instances.ts';
import { memberChanges } from './members.ts';

const changes: Changes<DomainEventType> = {
  ...memberChanges,
  ...appChanges,
  ...deploymentChanges,
  ...assignmentChanges,
  ...instanceChanges,
};

/**
 * Folds one event into the state it is given and answers that same state: a fold owns its state, and a copy for each
 * of a million events would cost minutes.
 *
 * Left alone, apart from the position: unknown types, domain types said by an app (CONTRACTS §6), and events that were
 * folded before (at-least-once delivery).
 *
 * @throws TabbifyError `event_too_new` for a known type in a newer schema; the state is then as it was
 */
export function applyEvent(state: OfficeState, event: StoredEvent): OfficeState {
  if (event.position <= state.position) return state;
  const { type } = event;
  if (isDomainType(type) && !event.actor.startsWith('app:')) {
    refuseNewer(type, event);
    // `data` was checked by `assertDomainEvent` before it was appended.
    (changes[type] as Change<DomainEventType>)(state, event.data as never, event);
  }
  state.position = event.position;
  return state;
}

/** The state that a history leads to. */
export function foldEvents(events: Iterable<StoredEvent>): OfficeState {
  const state = emptyOffice();
  for (const event of events) applyEvent(state, event);
  return state;
}

function refuseNewer(type: DomainEventType, event: StoredEvent): void {
  const known = domainSchemas[type].version;
  const written = schemaVersion(event.dataschema);
  if (written <= known) return;
  throw stateError('event_too_new', {
    what: `The event at position ${event.position} cannot be read`,
    why: `it is a ${type} in schema ${written}, this version of Tabbify knows schemas up to ${known}`,
    hint: 'Start the office with the newer version that wrote it',
  });
}
