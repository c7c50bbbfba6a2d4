import type { z } from 'zod';
import type { EventClass, EventDraft } from '../log/index.ts';
import type { DomainType, DomainTypes } from './domain-type.ts';
import { stateError } from './errors.ts';
import type { DomainEventType } from './events.ts';
import { approvalTypes } from './schemas/approvals.ts';
import { appTypes } from './schemas/apps.ts';
import { auditTypes } from './schemas/audit.ts';
import { deliveryTypes } from './schemas/deliveries.ts';
import { hostTypes } from './schemas/hosts.ts';
import { lifeCycleTypes } from './schemas/life-cycle.ts';
import { memberTypes } from './schemas/members.ts';
import { secretTypes } from './schemas/secrets.ts';

/** Every domain type this version knows, each with every schema that was ever released (CONTRACTS §6). */
export const domainTypes: DomainTypes = {
  ...memberTypes,
  ...appTypes,
  ...hostTypes,
  ...lifeCycleTypes,
  ...deliveryTypes,
  ...auditTypes,
  ...secretTypes,
  ...approvalTypes,
};

/** Is this type reserved for the platform and known here? */
export function isDomainType(type: string): type is DomainEventType {
  return Object.hasOwn(domainTypes, type);
}

/** What is known of a type, without saying which it is. */
export function domainTypeOf(type: DomainEventType): DomainType<DomainEventType> {
  return domainTypes[type] as DomainType<DomainEventType>;
}

/** Is an event of this type folded and kept for ever (`office`), or not (`traffic`)? */
export function classOf(type: DomainEventType): EventClass {
  return domainTypes[type].class;
}

/** The newest n of a type: what this version writes. */
export function newestVersionOf(type: DomainEventType): number {
  return domainTypes[type].earlier.length + 1;
}

/** The schema of (type, n). @returns null for an n that this version does not know */
export function schemaOf(type: DomainEventType, version: number): z.ZodType | null {
  const { earlier, newest } = domainTypeOf(type);
  return version === earlier.length + 1 ? newest : (earlier[version - 1]?.data ?? null);
}

/** `tabbify:<type>/<n>` with the newest n. */
export function dataschemaOf(type: DomainEventType): string {
  return `tabbify:${type}/${newestVersionOf(type)}`;
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
  const checked = domainTypes[type].newest.safeParse(draft.data);
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
