import { isDeepStrictEqual } from 'node:util';
import { type AppGrant, hasLostSecret, NO_GRANT, sameGrantSecrets } from '../app/index.ts';
import type { LiveRunner } from './live-runner.ts';
import type { Assignment } from './protocol.ts';

/** What became of the last grant that a runner was told. */
export interface ToldGrant {
  /** Nonce of the runner. */
  readonly runner: string;
  /** Null: it did not take it. */
  readonly grant: AppGrant | null;
}

/**
 * How what a runner was granted stands to what it should be. `tell`: it can take the difference as it runs. `renew`: it cannot, as a
 * secret is given at the start only, or as it does not understand what it is told. `revoke`: neither can it, and it has a secret which it
 * may not have any more.
 */
export type GrantView = 'as_desired' | 'tell' | 'renew' | 'revoke';

/**
 * @param current the runner that serves
 * @param told what it was told last
 * @param desired what the log says should be; null: something else serves while that does not start
 */
export function grantView(
  current: LiveRunner | null,
  told: ToldGrant | null,
  desired: Assignment | null,
): GrantView {
  if (current === null || desired === null) return 'as_desired';
  const { adopted, record } = current;
  const begunWith = record.grant ?? NO_GRANT;
  if (hasLostSecret(begunWith.secrets, desired.grant.secrets)) return 'revoke';
  if (!sameGrantSecrets(begunWith.secrets, desired.grant.secrets)) return 'renew';
  if (told?.runner === record.nonce && told.grant === null) return 'renew';
  // What an earlier supervisor has told last, nobody knows; one of a version without grants has told nothing.
  const mayHaveChanged = adopted && record.grant !== undefined;
  const known = told?.runner === record.nonce ? told.grant : mayHaveChanged ? null : begunWith;
  return known !== null && isSameLive(known, desired.grant) ? 'as_desired' : 'tell';
}

/** Alike in what a runner can take as it runs. */
function isSameLive(one: AppGrant, other: AppGrant): boolean {
  return isDeepStrictEqual([one.http, one.apps, one.call_key], [other.http, other.apps, other.call_key]);
}
