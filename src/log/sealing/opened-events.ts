import type { StoredEvent } from '../envelope.ts';
import type { FoundKey, Keyring } from './keyring.ts';
import { erasedBody, openBody } from './sealed-body.ts';

/** What a reader gets of an event. */
export type Opened =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | { readonly kind: 'erased'; readonly event: StoredEvent }
  | { readonly kind: 'damaged'; readonly position: number; readonly why: string };

export interface Opener {
  /** Null when the key has to be read from disk first. */
  now(event: StoredEvent): Opened | null;
  later(event: StoredEvent): Promise<Opened>;
}

/** Opens sealed events. Many subscribers share one object of an event: it is opened once. */
export function openThrough(keyring: Keyring): Opener {
  const opened = new WeakMap<StoredEvent, Opened>();

  function openWith(event: StoredEvent, found: FoundKey): Opened {
    if (found.kind === 'destroyed') return { kind: 'erased', event: erasedBody(event) };
    if (found.kind === 'lost') return { kind: 'damaged', position: event.position, why: found.why };
    const before = opened.get(event);
    if (before !== undefined) return before;
    const body = openBody(event, found.key);
    const result: Opened =
      body === null
        ? { kind: 'damaged', position: event.position, why: 'its body is not what was sealed under its key' }
        : { kind: 'event', event: body };
    opened.set(event, result);
    return result;
  }

  function now(event: StoredEvent): Opened | null {
    if (event.erased !== undefined) return { kind: 'erased', event };
    if (event.sealedby === undefined) return { kind: 'event', event };
    const found = keyring.known(event.sealedby);
    return found && openWith(event, found);
  }

  return {
    now,
    async later(event) {
      return now(event) ?? openWith(event, await keyring.find(event.sealedby ?? ''));
    },
  };
}
