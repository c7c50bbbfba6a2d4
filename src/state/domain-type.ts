import type { z } from 'zod';
import type { EventClass, JsonObject } from '../log/index.ts';
import type { DomainEvents, DomainEventType } from './events.ts';

/** Everything that is known of one type of domain event (CONTRACTS §6); `docs/events.md` is written from it. */
export interface DomainType<Type extends DomainEventType> {
  /** `office`: folded and kept for ever; `traffic`: never folded, its body is erased after a time. */
  readonly class: EventClass;
  /** One sentence: what has happened. */
  readonly description: string;
  readonly saidBy: 'node' | 'supervisor';
  /** Where it is appended; `<office>` is the event's tenant, `<supervisor>` the host it is about. */
  readonly segment:
    | 'tenant_<office>.members'
    | 'tenant_<office>.apps'
    | 'tenant_<office>.audit'
    | 'tenant_<office>.secrets'
    | 'tenant_<office>.approvals'
    | HostSegment;
  /** The unit within the segment: names in `<>` are fields of the data, `<office>` otherwise the event's tenant. */
  readonly subject:
    | 'office/<office>'
    | 'credential/<credential_id>'
    | 'session/<session_id>'
    | 'supervisor/<name>'
    | 'app/<app>'
    | 'secret/<name>'
    | 'approval/<approval_id>'
    | '<subject>';
  /** Schemas 1, 2 … that were released before the newest one, oldest first. They are never edited. */
  readonly earlier: readonly EarlierSchema[];
  /** The newest schema; its number is one more than there are earlier ones. */
  readonly newest: z.ZodType<DomainEvents[Type]>;
}

export type HostSegment = 'platform.hosts.<supervisor>';

export interface EarlierSchema {
  readonly data: z.ZodType;
  /** Pure: what the same fact is called in the next schema. It is given data of this schema, and does not change it. */
  readonly upcast: (data: JsonObject) => JsonObject;
}

/** Some of the table of types. A type of `DomainEvents` without an entry does not compile. */
export type DomainTypes<Types extends DomainEventType = DomainEventType> = {
  readonly [Type in Types]: DomainType<Type>;
};
