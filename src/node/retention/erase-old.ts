import type { SealedLog } from '../../log/index.ts';
import { type Erased, eraseInSteps } from './erase-in-steps.ts';
import type { RetentionSettings } from './settings.ts';

/** What a run erased, as `payload_erased` says it. */
export interface OldErased extends Erased {
  readonly reason: 'age' | 'size';
}

const DAY_MS = 24 * 3_600_000;
/** Erased down to this share of the bound, so that it is not met again at the next event. */
const ROOM = 0.95;
/** Later than any event: by size the oldest go, whatever their age. */
const ANY_TIME = '9999-12-31T23:59:59.999Z';

/**
 * Erases the bodies that are too old, then the oldest until the rest fits.
 *
 * @param now of a clock that is believed, ms; null: nothing is erased by age
 * @param begin called before the first body goes
 */
export async function eraseOld(
  log: SealedLog,
  { trafficDays, trafficBytes }: RetentionSettings,
  now: number | null,
  begin: () => Promise<void>,
  signal: AbortSignal,
): Promise<OldErased> {
  let total: OldErased = { events: 0, bytes: 0, through: 0, reason: 'age' };
  const add = (more: Erased, reason: OldErased['reason']) => {
    total = {
      events: total.events + more.events,
      bytes: total.bytes + more.bytes,
      through: Math.max(total.through, more.through),
      reason: more.events > 0 ? reason : total.reason,
    };
  };
  const { oldest } = (await log.usage()).traffic;
  const before = now === null ? null : new Date(now - trafficDays * DAY_MS).toISOString();
  if (before !== null && oldest !== null && Date.parse(oldest) < Date.parse(before)) {
    await begin();
    add(await eraseInSteps(log, { before }, { signal }), 'age');
  }
  // Measured anew after each round: what a step says it erased holds blobs, the bound does not.
  while (!signal.aborted) {
    const { events, bytes } = (await log.usage()).traffic;
    if (bytes <= trafficBytes || events === 0) break;
    await begin();
    const most = Math.ceil(((bytes - trafficBytes * ROOM) * events) / bytes);
    const wanted = (soFar: Erased) => most - soFar.events;
    const round = await eraseInSteps(log, { before: ANY_TIME }, { wanted, signal });
    add(round, 'size');
    if (round.events === 0) break;
  }
  return total;
}

/** Position up to which all bodies of class `traffic` are gone; 0: the first one is kept. */
export async function erasedUpTo(log: Pick<SealedLog, 'read'>): Promise<number> {
  let last = 0;
  let after: number | null = 0;
  while (after !== null) {
    const page = await log.read({ class: 'traffic', after, limit: 1000 });
    for (const event of page.events) {
      if (event.erased === undefined) return last;
      last = event.position;
    }
    after = page.next;
  }
  return last;
}
