import type { SealedLog, StoredEvent } from '../../src/log/index.ts';
import type { Host } from './host.ts';
import type { Office } from './office.ts';
import type { Operation } from './operation.ts';

/** A running node, its hosts, and two offices on it that know nothing of each other. */
export interface World extends AsyncDisposable {
  readonly url: string;
  readonly log: SealedLog;
  /** Token of the machine's owner. */
  readonly machine: string;
  /** Runs the apps of both offices. */
  readonly host: Host;
  /** Has none. */
  readonly otherHost: Host;
  readonly a: Office;
  readonly b: Office;
  readonly operations: readonly Operation[];
  /** @param office picked by the machine's owner */
  asMachine(
    method: string,
    path: string,
    json?: unknown,
    office?: string,
    // biome-ignore lint/suspicious/noExplicitAny: the tests look into it and fail when it is something else
  ): Promise<{ status: number; json: any }>;
  /** All events, or those of an office. */
  events(office?: string): Promise<StoredEvent[]>;
}
