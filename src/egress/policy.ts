import type { Destination } from './channel.ts';

/**
 * What an app may speak with a place.
 *
 * - `tls`: TLS with the place's own name as its server name
 * - `http`: HTTP/1.1 whose every request names the place as its host
 * - `any`: anything else as well; what begins as TLS or HTTP is held to the name all the same
 */
export type Spoken = 'tls' | 'http' | 'any';

/** What is allowed at a place. */
export interface Permit {
  /** Null: nobody looks at what is spoken. */
  readonly speaks: ReadonlySet<Spoken> | null;
  /** Id of the app of the office that answers there: no name is looked up, and nothing outside connected to. */
  readonly app?: string;
}

/** What a channel lets through at this moment. */
export interface EgressPolicy {
  /** @param to in its one spelling; null: nothing allows it */
  permit(to: Destination): Permit | null;
  /** May the channel connect to an address that the name of an allowed place has? */
  allowsAddress(to: Destination, address: string): boolean;
  /** Calls back after each change. */
  onChange(changed: () => void): void;
}

/** Is everything that the one permit allows allowed by the other? */
export function isWithin(one: Permit, other: Permit | null): boolean {
  if (other === null || one.app !== other.app) return false;
  if (other.speaks === null) return true;
  const { speaks } = other;
  return one.speaks !== null && [...one.speaks].every((spoken) => speaks.has('any') || speaks.has(spoken));
}
