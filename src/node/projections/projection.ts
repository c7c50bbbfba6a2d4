import type { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../log/index.ts';

/**
 * One way to look at the log, kept in tables that can be thrown away and built again from the events alone.
 * Adding one is a folder or a file, and a line in `registry.ts`.
 */
export interface Projection {
  readonly name: string;
  /** Grows when the tables or what `apply` writes change: then it is built anew by itself. */
  readonly version: number;
  /** Its tables by name, and the statements that make them, in that order. All names begin with the projection's. */
  readonly tables: readonly ProjectionTable[];
  /** Prepares its statements; the tables are there. */
  open(db: DatabaseSync): OpenProjection;
}

export interface ProjectionTable {
  readonly name: string;
  /** One statement or several, e.g. the table and its indices. */
  readonly create: string;
}

export interface OpenProjection {
  /** Takes an event in. Called in the order of positions, inside the transaction that moves the cursor. */
  apply(event: StoredEvent): void;
  /** Work that an event asked for and that is too much for one transaction: until it is done, nobody is answered. */
  readonly rest?: UnfinishedWork;
}

export interface UnfinishedWork {
  readonly pending: boolean;
  /** Does some of it, in a transaction of its own, in a few milliseconds. */
  step(): void;
}
