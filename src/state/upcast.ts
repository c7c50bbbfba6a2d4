import type { JsonObject, StoredEvent } from '../log/index.ts';
import { stateError } from './errors.ts';
import type { DomainEventType } from './events.ts';
import { dataschemaOf, domainTypeOf, isDomainType, newestVersionOf, schemaVersion } from './registry.ts';

/**
 * The event as this version would have written it: data of an earlier schema goes through the upcasters n → n+1, and
 * `dataschema` names the newest n. For whoever reads `data`; what is stored is never rewritten.
 *
 * Given back as they are: unknown types, erased bodies, and data that is not of the schema it names.
 *
 * @throws TabbifyError `event_too_new` for a known type in a newer schema, naming the position and both numbers
 */
export function upcast(event: StoredEvent): StoredEvent {
  const { type } = event;
  if (!isDomainType(type)) return event;
  const written = schemaVersion(event.dataschema);
  const newest = newestVersionOf(type);
  if (written > newest) throw tooNew(event, written, newest);
  if (written === newest || event.erased !== undefined) return event;
  const data = upcastData(type, written, event.data);
  return data === null ? event : { ...event, dataschema: dataschemaOf(type), data };
}

/** Data of schema n as that of the newest. @returns null when it is not of schema n */
export function upcastData(type: DomainEventType, written: number, data: JsonObject): JsonObject | null {
  const [first, ...rest] = domainTypeOf(type).earlier.slice(Math.max(written - 1, 0));
  if (written < 1 || first === undefined || !first.data.safeParse(data).success) return null;
  return rest.reduce((older, { upcast: next }) => next(older), first.upcast(data));
}

/** What a known type in a newer schema stops the start with (CONTRACTS §6). */
export function tooNew(event: StoredEvent, written: number, newest: number) {
  return stateError('event_too_new', {
    what: `The event at position ${event.position} cannot be read`,
    why: `it is a ${event.type} in schema ${written}, this version of Tabbify knows schemas up to ${newest}`,
    hint: 'Start the office with the newer version that wrote it',
  });
}
