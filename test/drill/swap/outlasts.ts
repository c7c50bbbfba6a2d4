import { expectKept } from '../drill.ts';
import { now } from './sample.ts';
import type { SwappedApp } from './swapped-app.ts';
import type { Visits } from './visits.ts';

const LONG_MS = 60_000;
/** A replaced runner drains for 10 s, then what is under way has 10 s more (docs/deployments.md). */
const CUT_MS = [19_000, 25_000] as const;
/** Soon enough after the start of the stream, and long after it has come through. */
const BEATS_MS = 300;

/**
 * A stream that begins before a swap and would go on for longer than its version: it goes on through the drain and the grace,
 * and then is broken off such that its reader sees it. @returns milliseconds from the flip until then
 */
export async function outlastsTheDrain(visits: Visits, app: SwappedApp): Promise<number> {
  const cut = visits.stream(LONG_MS, new AbortController().signal).then(
    () => null,
    (error: Error) => ({ at: now(), error }),
  );
  await new Promise((resolve) => setTimeout(resolve, BEATS_MS));
  const flipped = await app.nextSwitch();
  const end = await cut;
  expectKept(end !== null, 'a stream of a version that was replaced went on for a minute');
  const after = end.at - flipped;
  expectKept(
    after >= CUT_MS[0] && after <= CUT_MS[1],
    `a stream of a version that was replaced was cut ${after.toFixed(0)} ms after the flip: ${end.error.message}`,
  );
  return after;
}
