import type { Office } from './office.ts';
import type { Shot } from './shot.ts';
import type { World } from './world.ts';

/** Who may do it, as CONTRACTS §2 and §7 say, stated here once more so that the code cannot agree with itself. */
export type Allowed =
  | 'everybody'
  | 'read'
  | 'deploy'
  | 'data'
  | 'secrets:write'
  | 'approve'
  | 'admin'
  /** An owner of the office `default` only. */
  | 'machine'
  /** The supervisor that it is about, and nobody else. */
  | 'host';

/** How an operation of the API is called, and what is to become of those who may not. */
export interface Entry {
  /** As in the OpenAPI document: `POST /v1/apps/{uuid}/deploy`. */
  readonly operation: string;
  /** What this call is about, where an operation is called in several ways. */
  readonly variant?: string;
  readonly allowed: Allowed;
  /** A call that is valid in this office, now; makes what the call uses up. */
  readonly call: (world: World, office: Office) => Shot | Promise<Shot>;
  /** Status of the valid call. */
  readonly status: number;
  /**
   * What somebody of another office is answered who sends the same: `hidden` — 404 with the words for what does not
   * exist; `refused` — 403, whatever there is; `own` — it is about the asker's own office, whoever sends it.
   */
  readonly stranger: 'hidden' | 'refused' | 'own';
  /** Of a `hidden` one, why the answer cannot be compared with that for something that does not exist. */
  readonly noTwin?: string;
  /** Kinds of credentials that are answered otherwise than `allowed` says, and with which status. */
  readonly except?: Readonly<Partial<Record<'agent' | 'app' | 'host', number>>>;
  /** As `except`, once it is known what is meant: strangers learn nothing of it. */
  readonly exceptOwn?: Readonly<Partial<Record<'agent' | 'app', number>>>;
  /** A mutation that appends nothing when it is valid: why. */
  readonly appendsNothing?: string;
  /** Office to which the event of a mutation belongs; default: the caller's. */
  readonly tenant?: (shot: Shot) => string;
}

export function nameOf({ operation, variant }: Entry): string {
  return variant === undefined ? operation : `${operation} (${variant})`;
}
