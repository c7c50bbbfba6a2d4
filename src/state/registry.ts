import type { z } from 'zod';
import type { EventDraft } from '../log/index.ts';
import { stateError } from './errors.ts';
import type { DomainEvents, DomainEventType } from './events.ts';
import { appSchemas, hostSchemas } from './schemas/apps.ts';
import { memberSchemas } from './schemas/members.ts';

/** What is known of a type: the number of its newest schema, and that schema. */
export interface DomainSchema<Type extends DomainEventType> {
  readonly version: number;
  readonly data: z.ZodType<DomainEvents[Type]>;
}

/** Every domain type this version knows (CONTRACTS §6). A type without an entry does not compile. */
export const domainSchemas: { readonly [Type in DomainEventType]: DomainSchema<Type> } = {
  ...memberSchemas,
  ...appSchemas,
  ...hostSchemas,
};

/** Is this type reserved for the platform and known here? */
export function isDomainType(type: string): type is DomainEventType {
  return Object.hasOwn(domainSchemas, type);
}

/** `tabbify:<type>/<n>` with the newest n. */
export function dataschemaOf(type: DomainEventType): string {
  return `tabbify:${type}/${domainSchemas[type].version}`;
}

/** The n of `tabbify:<type>/<n>`; 0 when there is none. */
export function schemaVersion(dataschema: string): number {
  return Number(dataschema.slice(dataschema.lastIndexOf('/') + 1)) || 0;
}

/**
 * Checks what others want to append under a domain type; the log itself does not look at data.
 *
 * @throws TabbifyError `event_invalid` when data or `dataschema` are not those of the registry
 */
export function assertDomainEvent(draft: Pick<EventDraft, 'type' | 'dataschema' | 'data'>): void {
  const { type } = draft;
  if (!isDomainType(type)) throw refused(type, 'it is not a domain type that this version knows');
  if (draft.dataschema !== dataschemaOf(type)) {
    throw refused(type, `its schema is ${draft.dataschema}, this version writes ${dataschemaOf(type)}`);
  }
  const checked = domainSchemas[type].data.safeParse(draft.data);
  if (checked.success) return;
  const [first] = checked.error.issues;
  throw refused(type, `\`data.${first?.path.join('.')}\`: ${first?.message}`);
}

function refused(type: string, why: string) {
  return stateError('event_invalid', {
    what: `The ${type} event is not valid`,
    why,
    hint: 'Send the fields that its schema names, and no others',
  });
}
