import { type Clock, isUuid, newId } from '../kit/index.ts';
import { secretsError } from './errors.ts';

/**
 * Milliseconds that a spawn id may be used in, counted from the time that it says; so far may the clocks of two hosts be
 * apart.
 */
export const SPAWN_LIFE_MS = 60_000;
/** A UUID of version 7 begins with the milliseconds since the epoch, in twelve digits (RFC 9562 §5.7). */
const TIME = /^([0-9a-f]{8})-([0-9a-f]{4})-7/;

/** An id for one start of an app: whoever asks for its secrets shows it, once. */
export function newSpawnId(): string {
  return newId();
}

/** Which spawn ids were used, for as long as they could be used again. */
export interface SpawnIds {
  /** @throws spawn_outdated, spawn_used, request_invalid */
  use(id: string): void;
}

/** @param used those that an earlier process let through */
export function createSpawnIds(clock: Clock, used: Iterable<string> = []): SpawnIds {
  /** By id, the time that it says. */
  const seen = new Map<string, number>();
  for (const id of used) seen.set(id, timeOf(id) ?? 0);
  return {
    use(id) {
      const now = clock.now();
      const time = timeOf(id);
      if (time === null || Math.abs(now - time) > SPAWN_LIFE_MS)
        throw outdated(time === null, now - (time ?? 0));
      if (seen.has(id)) throw usedBefore();
      for (const [each, at] of seen) if (now - at > SPAWN_LIFE_MS) seen.delete(each);
      seen.set(id, time);
    },
  };
}

function timeOf(id: string): number | null {
  const [, high, low] = TIME.exec(id) ?? [];
  return high === undefined || !isUuid(id) ? null : Number.parseInt(`${high}${low}`, 16);
}

function usedBefore() {
  return secretsError('spawn_used', {
    what: 'This spawn id was used before',
    why: 'each is good for one start of an app',
    hint: 'The supervisor makes another one with its next try',
  });
}

function outdated(isNone: boolean, ageMs: number) {
  return secretsError('spawn_outdated', {
    what: 'This spawn id cannot be used',
    why: isNone
      ? 'it is no UUID of version 7, which says when it was made'
      : `by the clock here it was made ${Math.round(Math.abs(ageMs) / 1000)} s ${ageMs > 0 ? 'ago' : 'from now'}, and it may be ${SPAWN_LIFE_MS / 1000}`,
    hint: 'The supervisor makes another one with its next try; if that fails too, set the clocks of the two hosts',
  });
}
