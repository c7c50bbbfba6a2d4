import type { Credential, OfficeState } from '../../state/index.ts';
import type { ForwardClock } from './forward-clock.ts';

/** Ends what is open under a credential the moment the credential ends. */
export interface CredentialsInUse {
  /**
   * The signal of a credential in force, the same for every use of it. It aborts when the credential is revoked,
   * replaced or expires.
   *
   * @param hash SHA-256 of the token, lower-case hex
   * @returns null when no credential in force has this hash
   */
  use(hash: string): { readonly credential: Credential; readonly ended: AbortSignal } | null;
  /** Credentials or the time have changed: ends those that are not in force any more. */
  sweep(): void;
  close(): void;
}

/**
 * Longest wait until the time is looked at again (milliseconds). Timers count a time of their own, which stands still
 * while the machine sleeps and knows nothing of a clock that was set; and none is longer than 24.8 days.
 */
const LONGEST_WAIT_MS = 30_000;

/** @param office the live state, which changes under our hands */
export function credentialsInUse(office: OfficeState, clock: ForwardClock): CredentialsInUse {
  const used = new Map<string, AbortController>();
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;

  function inForce(hash: string): Credential | null {
    const credential = office.credentials.get(hash);
    return credential !== undefined && expiryOf(credential) > clock.now() ? credential : null;
  }

  /** Sees to it that this time is looked at, unless an earlier one is awaited. */
  function awaitTime(at: number): void {
    const next = Math.min(at, clock.now() + LONGEST_WAIT_MS);
    if (at === Number.POSITIVE_INFINITY || next >= timerAt) return;
    clearTimeout(timer);
    timerAt = next;
    timer = setTimeout(sweep, Math.max(1, next - clock.now()));
    timer.unref();
  }

  function sweep(): void {
    clearTimeout(timer);
    timerAt = Number.POSITIVE_INFINITY;
    let nearest = Number.POSITIVE_INFINITY;
    for (const [hash, controller] of used) {
      const credential = inForce(hash);
      if (credential === null) {
        used.delete(hash);
        controller.abort(new Error('the credential has ended'));
      } else {
        nearest = Math.min(nearest, expiryOf(credential));
      }
    }
    awaitTime(nearest);
  }

  return {
    use(hash) {
      const credential = inForce(hash);
      const known = used.get(hash);
      if (credential === null) {
        if (known !== undefined) sweep();
        return null;
      }
      if (known !== undefined) return { credential, ended: known.signal };
      const controller = new AbortController();
      used.set(hash, controller);
      awaitTime(expiryOf(credential));
      return { credential, ended: controller.signal };
    },
    sweep,
    close: () => clearTimeout(timer),
  };
}

/** Milliseconds since the epoch; infinite for one that never ends. A time that cannot be read is over. */
function expiryOf({ expiresAt }: Credential): number {
  if (expiresAt === null) return Number.POSITIVE_INFINITY;
  const at = Date.parse(expiresAt);
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at;
}
