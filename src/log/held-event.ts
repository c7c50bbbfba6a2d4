import type { EventClass, StoredEvent } from './envelope.ts';
import type { Filterable } from './filter.ts';

/** An event that has just become durable. */
export interface Appended {
  readonly event: StoredEvent;
  /** Its JSON, with or without the position: what it is made of again. */
  readonly text: string;
}

/**
 * An event as the tail holds it: what filters look at, and its text. The object itself goes when everybody who keeps up
 * has it: thousands of objects held for a while are what makes a collection of the heap long, texts are not.
 */
export class HeldEvent implements Filterable {
  readonly position: number;
  readonly segment: string;
  readonly type: string;
  readonly subject: string;
  readonly tenant: string;
  readonly actor: string;
  readonly class: EventClass;
  /** When it came, whole milliseconds of the caller's clock. */
  readonly at: number;
  readonly #text: string;
  #event: StoredEvent | null;

  constructor({ event, text }: Appended, at: number) {
    this.position = event.position;
    this.segment = event.segment;
    this.type = event.type;
    this.subject = event.subject;
    this.tenant = event.tenant;
    this.actor = event.actor;
    this.class = event.class ?? 'office';
    this.at = at;
    this.#text = text;
    this.#event = event;
  }

  /** Characters of its JSON: what it weighs. */
  get size(): number {
    return this.#text.length;
  }

  /** The same object for all who take it, until it was let go: then one that is made once more for all who come late. */
  take(): StoredEvent {
    this.#event ??= { ...JSON.parse(this.#text), position: this.position } as StoredEvent;
    return this.#event;
  }

  letGo(): void {
    this.#event = null;
  }
}
