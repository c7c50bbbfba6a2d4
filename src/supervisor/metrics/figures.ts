import { LATENCY_BOUNDS_MS } from '../../runner/index.ts';

/** Figures that add up over spans of time and over instances. */
export const SUMS = [
  /** Milliseconds during which a runner was there and looked at. */
  'observed_ms',
  'samples',
  'requests',
  'answers_2xx',
  'answers_3xx',
  'answers_4xx',
  'answers_5xx',
  /** Answers that ended before they were whole: the visitor left, or the app broke off. */
  'broken',
  /** Written to visitors, heads included; only the node counts it, of static files. */
  'bytes',
  /** Sum of the times from a request to the head of its answer. */
  'latency_ms',
  'cpu_ms',
  /** Instructions that the app burnt, where its runtime counts them. */
  'fuel',
  'cold_starts',
  'cold_start_ms',
  /** Runners that ended unasked. */
  'restarts',
  /** Sum of the memory of all samples: divided by `samples` it is the mean. */
  'memory_sum_bytes',
] as const;

/** What an app did within a span of time. */
export type Figures = Readonly<Record<(typeof SUMS)[number], number>> & {
  /** Answers per bucket of `LATENCY_BOUNDS_MS`, the last for what took longer; empty: none. */
  readonly buckets: readonly number[];
  readonly memory_max_bytes: number;
};

/** Nothing happened. */
export const NO_FIGURES: Figures = Object.freeze({
  ...(Object.fromEntries(SUMS.map((name) => [name, 0])) as Record<(typeof SUMS)[number], number>),
  buckets: Object.freeze([]) as readonly number[],
  memory_max_bytes: 0,
});

/** Both spans as one: sums add up, the highest memory is the higher of the two. Associative and commutative. */
export function addFigures(a: Figures, b: Figures): Figures {
  const sums = Object.fromEntries(SUMS.map((name) => [name, a[name] + b[name]]));
  const buckets =
    a.buckets.length === 0
      ? b.buckets
      : b.buckets.length === 0
        ? a.buckets
        : addBuckets(a.buckets, b.buckets);
  const memory_max_bytes = Math.max(a.memory_max_bytes, b.memory_max_bytes);
  return { ...(sums as Record<(typeof SUMS)[number], number>), buckets, memory_max_bytes };
}

function addBuckets(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from(
    { length: LATENCY_BOUNDS_MS.length + 1 },
    (_, index) => (a[index] ?? 0) + (b[index] ?? 0),
  );
}

/**
 * The time that a share of the answers did not exceed, in milliseconds, spread evenly within its bucket, as Prometheus
 * does it; beyond the last bound it is that bound. Null when there was no answer.
 *
 * @param share 0 … 1, e.g. 0.99
 */
export function latencyAt(buckets: readonly number[], share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [index, bound] of LATENCY_BOUNDS_MS.entries()) {
    const count = buckets[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lower = LATENCY_BOUNDS_MS[index - 1] ?? 0;
      const part = lower + ((bound - lower) * Math.max(0, rank - below)) / count;
      return Math.round(part * 100) / 100;
    }
    below += count;
  }
  return LATENCY_BOUNDS_MS.at(-1) ?? null;
}
