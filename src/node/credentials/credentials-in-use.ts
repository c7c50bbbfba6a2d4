import type { Credential, OfficeState } from '../../state/index.ts';
import type { ForwardClock } from './forward-clock.ts';
import { type InUse, inUse } from './in-use.ts';

/**
 * Credentials by the SHA-256 of their token (lower-case hex). What is open under one ends when it is revoked, replaced
 * or expires.
 *
 * @param office the live state, which changes under our hands
 */
export function credentialsInUse(office: OfficeState, clock: ForwardClock): InUse<Credential> {
  return inUse(
    (hash) => {
      const credential = office.credentials.get(hash);
      return credential === undefined ? null : { entry: credential, endsAt: endOf(credential.expiresAt) };
    },
    clock,
    'the credential has ended',
  );
}

/** @param time RFC 3339; null: never. @returns milliseconds since the epoch; a time that cannot be read is over */
export function endOf(time: string | null): number {
  if (time === null) return Number.POSITIVE_INFINITY;
  const at = Date.parse(time);
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}
