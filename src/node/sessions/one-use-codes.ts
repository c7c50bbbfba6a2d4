import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kit/index.ts';
import { tokenHash } from '../credentials/token.ts';

/** Codes that stand for something once and for a short while. In memory only: a restart makes all of them void. */
export interface OneUseCodes<Meaning> {
  issue(meaning: Meaning): IssuedCode;
  /** What it stands for, without using it up. @returns null for one that was used, is too old or never was */
  meaning(code: string): Meaning | null;
  /** Uses it up. @returns as `meaning` */
  redeem(code: string): Meaning | null;
}

export interface IssuedCode {
  /** 256 bits, base64url. */
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface CodeLimits {
  /** A code is good for this long (milliseconds). */
  readonly lifeMs: number;
  /** More than so many are not kept: the oldest goes. */
  readonly most: number;
}

/** Kept by their hashes, so that looking one up tells nothing by the time it takes. */
export function oneUseCodes<Meaning>(clock: Clock, { lifeMs, most }: CodeLimits): OneUseCodes<Meaning> {
  const kept = new Map<string, { readonly meaning: Meaning; readonly expiresAt: number }>(); // oldest first

  function dropOld(): void {
    const now = clock.now();
    for (const [hash, { expiresAt }] of kept) {
      if (expiresAt > now && kept.size < most) return;
      kept.delete(hash);
    }
  }

  function find(hash: string): Meaning | null {
    const found = kept.get(hash);
    return found !== undefined && found.expiresAt > clock.now() ? found.meaning : null;
  }

  return {
    issue(meaning) {
      dropOld();
      const code = randomBytes(32).toString('base64url');
      const expiresAt = clock.now() + lifeMs;
      kept.set(tokenHash(code), { meaning, expiresAt });
      return { code, expiresAt };
    },
    meaning: (code) => find(tokenHash(code)),
    redeem(code) {
      const hash = tokenHash(code);
      const meaning = find(hash);
      kept.delete(hash);
      return meaning;
    },
  };
}
