import type { Clock } from '../../kit/index.ts';
import { type Allowance, allowance, type Rate } from '../refusals/rate.ts';

/** Wrong tries. Secrets have 256 bits, so this is about the work that guessing makes, not about being guessed. */
const EACH: Rate = { burst: 10, intervalMs: 10_000 };
/** Who has used that up waits (milliseconds) … */
export const WAIT_MS = 10_000;
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const MAX_REMEMBERED = 1_000;

/** How often somebody may try to sign in. Who does it right is not counted: others behind his address may not. */
export interface Guesses {
  /** @param remote address of who tries. @returns false when it is to wait */
  mayTry(remote: string): boolean;
  /** It was wrong. */
  failed(remote: string): void;
}

interface Guesser {
  readonly allowance: Allowance;
  waitsUntil: number;
}

export function limitGuesses(clock: Clock): Guesses {
  const guessers = new Map<string, Guesser>();
  return {
    mayTry: (remote) => (guessers.get(remote)?.waitsUntil ?? 0) <= clock.now(),
    failed(remote) {
      const now = clock.now();
      const guesser = guessers.get(remote) ?? { allowance: allowance(EACH, now), waitsUntil: 0 };
      guessers.delete(remote);
      guessers.set(remote, guesser);
      const oldest = guessers.keys().next();
      if (guessers.size > MAX_REMEMBERED && !oldest.done) guessers.delete(oldest.value);
      if (!guesser.allowance.take(now)) guesser.waitsUntil = now + WAIT_MS;
    },
  };
}
