import type { StoredEvent } from '../../log/index.ts';
import type { DomainEvents, DomainEventType } from '../events.ts';
import type { OfficeState } from '../office-state.ts';

/**
 * What an event of one type changes; `data` has the shape of the newest schema. It must not throw, or an office could
 * not start any more: it looks up, compares and assigns, and leaves alone what does not fit.
 */
export type Change<Type extends DomainEventType> = (
  state: OfficeState,
  data: DomainEvents[Type],
  event: StoredEvent,
) => void;

export type Changes<Type extends DomainEventType> = { readonly [T in Type]: Change<T> };
