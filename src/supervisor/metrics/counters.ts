import { z } from 'zod';
import { bucketName, LATENCY_BOUNDS_MS } from '../../runner/index.ts';
import { type Figures, NO_FIGURES } from './figures.ts';

/** What one runner had counted when it was last looked at; each only grows while the runner lives. */
export const runnerCounters = z.object({
  nonce: z.string(),
  at: z.number(),
  stats: z.record(z.string(), z.number()),
  cpu_ms: z.number(),
});

export type RunnerCounters = z.infer<typeof runnerCounters>;

const FROM_STATS = {
  requests: 'http_requests',
  answers_2xx: 'http_2xx',
  answers_3xx: 'http_3xx',
  answers_4xx: 'http_4xx',
  answers_5xx: 'http_5xx',
  broken: 'http_broken',
  latency_ms: 'http_ms',
  fuel: 'fuel_used',
} as const;

/**
 * What happened between two looks at an app. Another runner than before has counted from nothing; a counter that is
 * lower than it was (a program that counts otherwise) gives nothing rather than a negative figure.
 *
 * @param before of the last look, whichever runner it was; null: never looked
 * @param startedAt when the runner of `now` was started, milliseconds since the epoch
 * @param memoryBytes resident memory now; null: not known
 */
export function figuresBetween(
  before: RunnerCounters | null,
  now: RunnerCounters,
  startedAt: number,
  memoryBytes: number | null,
): Figures {
  const same = before?.nonce === now.nonce ? before : null;
  const grown = (name: string) => Math.max(0, (now.stats[name] ?? 0) - (same?.stats[name] ?? 0));
  const counted = Object.fromEntries(Object.entries(FROM_STATS).map(([name, stat]) => [name, grown(stat)]));
  const buckets = [...LATENCY_BOUNDS_MS, undefined].map((bound) => grown(bucketName(bound)));
  return {
    ...NO_FIGURES,
    ...counted,
    buckets: buckets.some((count) => count > 0) ? buckets : NO_FIGURES.buckets,
    observed_ms: Math.max(0, now.at - Math.max(same?.at ?? startedAt, startedAt)),
    samples: memoryBytes === null ? 0 : 1,
    cpu_ms: Math.max(0, now.cpu_ms - (same?.cpu_ms ?? 0)),
    memory_sum_bytes: memoryBytes ?? 0,
    memory_max_bytes: memoryBytes ?? 0,
  };
}
