import { derivedId, newId } from '../../kit/index.ts';
import type { Principal } from '../credentials/principal.ts';

/** Namespace of ids that follow from an `Idempotency-Key` (a UUID made for this purpose). */
const NAMESPACE = '5c2f0a58-7d3b-4a0e-9d67-0a7b1c9e4d10';

/** Who asks, and under which key a repeat shall be recognised. */
export interface Asker {
  readonly principal: Principal;
  /** Value of `Idempotency-Key`; null: every request is a new one. */
  readonly idempotencyKey: string | null;
}

/**
 * Id of an event or of a thing that a request makes. The same asker, key and purpose give the same id, so that the log
 * recognises a repeat; without a key it is new each time.
 *
 * @param purpose what the id is for, the addressed unit included, e.g. `deploy <uuid>`
 */
export function idFor(asker: Asker, purpose: string): string {
  if (asker.idempotencyKey === null) return newId();
  return derivedId(NAMESPACE, JSON.stringify([asker.principal.credentialId, asker.idempotencyKey, purpose]));
}
