import { isDeepStrictEqual } from 'node:util';
import { type AppGrant, NO_GRANT } from '../app/index.ts';
import { messageOf } from '../kit/index.ts';
import { sendControl } from '../runner/index.ts';
import type { InstanceState } from './instance-state.ts';
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
 * secret is given at the start only, or as it does not understand what it is told.
 */
export type GrantView = 'as_desired' | 'tell' | 'renew';

/** Milliseconds for a runner to do as it is told. */
const REPLY_MS = 2_000;

/** @param desired what the log says should be */
export function grantView({ current, told }: InstanceState, desired: Assignment | null): GrantView {
  if (current === null || desired === null || current.record.generation !== desired.generation)
    return 'as_desired'; // a runner of another generation is replaced
  const { adopted, record } = current;
  const begunWith = record.grant ?? NO_GRANT;
  if (!isDeepStrictEqual(begunWith.secrets, desired.grant.secrets)) return 'renew';
  if (told?.runner === record.nonce && told.grant === null) return 'renew';
  // What an earlier supervisor has told last, nobody knows; one of a version without grants has told nothing.
  const mayHaveChanged = adopted && record.grant !== undefined;
  const known = told?.runner === record.nonce ? told.grant : mayHaveChanged ? null : begunWith;
  return known !== null && isSameLive(known, desired.grant) ? 'as_desired' : 'tell';
}

/** Tells the runner that serves what its app may do from now on. */
export async function tellGrant(state: InstanceState, { grant }: Assignment): Promise<void> {
  const { current, context } = state;
  if (current === null) return;
  const { nonce, socket, generation } = current.record;
  const why = await refusalOf(socket, grant);
  state.told = { runner: nonce, grant: why === null ? grant : null };
  const { app, logger } = context;
  if (why === null) logger.info({ app, generation, hosts: grant.http.length }, 'grant told');
  else logger.warn({ app, generation, why }, 'the runner does not take another grant: it is replaced');
}

/** Null: it has taken it. */
async function refusalOf(socket: string, grant: AppGrant): Promise<string | null> {
  try {
    const reply = await sendControl(socket, { cmd: 'grant', grant }, REPLY_MS);
    return reply.reply === 'ok' ? null : reply.reply === 'err' ? reply.message : `it replied ${reply.reply}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Alike in what a runner can take as it runs. */
function isSameLive(one: AppGrant, other: AppGrant): boolean {
  return isDeepStrictEqual([one.http, one.apps], [other.http, other.apps]);
}
