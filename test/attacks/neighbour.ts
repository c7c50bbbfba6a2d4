/** Milliseconds in which a neighbour is to answer, as the median of its visitors has it (issue: 50 ms). */
const BOUND_MS = 50;
/** A busy machine is slow by itself: then this many times what the same neighbour took in peace counts. */
const TIMES_PEACE = 5;
const EVERY_MS = 15;
/** Of which the middle is taken. */
const LEAST_VISITS = 9;

/** Whoever can be visited; how long it took, in milliseconds. @throws when it did not answer as it should */
interface Visited {
  visit(): Promise<number>;
}

/** How long a neighbour takes when nobody attacks, in milliseconds: the middle of some visits. */
async function inPeace(neighbour: Visited): Promise<number> {
  const times: number[] = [];
  for (let visit = 0; visit < LEAST_VISITS; visit += 1) times.push(await neighbour.visit());
  return middle(times);
}

/**
 * Visits the neighbour all the time, one visit after the other, while something happens, and in peace before and after: what the
 * machine does meanwhile for others is not held against whoever is attacked.
 *
 * @param onOver called when peace is back
 * @returns a sentence when the median is above the bound, or a visit failed
 */
export async function visitWhile(
  neighbour: Visited,
  action: () => Promise<unknown>,
  onOver: () => void = () => {},
): Promise<string[]> {
  const before = await inPeace(neighbour);
  let isOver = false;
  const times: number[] = [];
  const failures: string[] = [];
  const visits = (async () => {
    while (!isOver || times.length < LEAST_VISITS) {
      try {
        times.push(await neighbour.visit());
      } catch (error) {
        failures.push(`the neighbour failed: ${String(error)}`);
        times.push(Number.POSITIVE_INFINITY);
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  try {
    await action();
  } finally {
    isOver = true;
    await visits;
  }
  onOver();
  const median = middle(times);
  if (median <= BOUND_MS) return failures.slice(0, 3);
  const boundMs = Math.max(BOUND_MS, TIMES_PEACE * Math.max(before, await inPeace(neighbour)));
  const took = `${median.toFixed(0)} ms, more than ${boundMs.toFixed(0)}, in the middle of ${times.length} visits`;
  return median > boundMs ? [...failures.slice(0, 3), `the neighbour took ${took}`] : failures.slice(0, 3);
}

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.POSITIVE_INFINITY;
}
