import { supervisorError } from '../errors.ts';
import { addFigures, type Figures, latencyAt } from './figures.ts';

/** Milliseconds of a step that is held in memory, and for how many of them. */
export const STEP_MS = 10_000;
export const STEPS = 360;
export const HOUR_MS = 3_600_000;
/** Hours that are kept on disk. */
export const HOURS = 90 * 24;
const MAX_POINTS = 2_500;

/** Figures of the span that begins at `at` (milliseconds since the epoch). */
export interface Span {
  readonly at: number;
  readonly figures: Figures;
}

/** What a chart shows; times in milliseconds. */
export interface ChartQuery {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Spans gathered into steps, oldest first; steps in which nothing was seen are left out. The sum stays the same. */
export function gather(spans: readonly Span[], step: number): readonly Span[] {
  const steps = new Map<number, Figures>();
  for (const { at, figures } of spans) {
    const begin = Math.floor(at / step) * step;
    const before = steps.get(begin);
    steps.set(begin, before === undefined ? figures : addFigures(before, figures));
  }
  return [...steps].sort(([a], [b]) => a - b).map(([at, figures]) => ({ at, figures }));
}

/** A point of a chart as the API shows it. */
export function pointOf({ at, figures }: Span) {
  const { observed_ms, samples, memory_sum_bytes, memory_max_bytes, buckets, latency_ms, cpu_ms, ...rest } =
    figures;
  const perSecond = (count: number) => (observed_ms > 0 ? round((count * 1000) / observed_ms) : 0);
  return {
    time: new Date(at).toISOString(),
    observed_sec: round(observed_ms / 1000),
    ...rest,
    requests_per_sec: perSecond(figures.requests),
    errors_per_sec: perSecond(figures.answers_5xx),
    fuel_per_sec: perSecond(figures.fuel),
    p50_ms: latencyAt(buckets, 0.5),
    p99_ms: latencyAt(buckets, 0.99),
    latency_ms: round(latency_ms),
    buckets,
    cpu_ms,
    cpu_percent: observed_ms > 0 ? round((cpu_ms * 100) / observed_ms) : 0,
    memory_bytes: samples > 0 ? Math.round(memory_sum_bytes / samples) : null,
    memory_max_bytes: samples > 0 ? memory_max_bytes : null,
  };
}

export type Point = ReturnType<typeof pointOf>;

/**
 * Reads `from`, `to` (RFC 3339) and `step` (seconds): the last hour in steps of 10 s, or hours on end for what lies
 * further back.
 *
 * @throws TabbifyError `query_invalid`
 */
export function readChartQuery(query: URLSearchParams, now: number): ChartQuery {
  for (const name of query.keys()) {
    if (!['from', 'to', 'step'].includes(name)) {
      throw invalid(name, query.get(name), 'nothing is chosen by this name', 'Use from, to and step');
    }
  }
  const to = moment('to', query.get('to')) ?? now;
  const from = moment('from', query.get('from')) ?? to - HOUR_MS;
  if (from >= to) throw invalid('from', query.get('from'), 'it is not before `to`', 'Give an earlier time');
  const isRecent = from >= now - STEP_MS * STEPS - STEP_MS;
  const finest = isRecent ? STEP_MS : HOUR_MS;
  const step = stepOf(query.get('step'), finest);
  if ((to - from) / step > MAX_POINTS) {
    const why = `there would be more than ${MAX_POINTS} points`;
    throw invalid(
      'step',
      query.get('step') ?? String(step / 1000),
      why,
      'Ask for a longer step or less time',
    );
  }
  return { from, to, step };
}

function stepOf(asked: string | null, finest: number): number {
  if (asked === null) return finest;
  const step = /^\d{1,7}$/.test(asked) ? Number(asked) * 1000 : 0;
  if (step > 0 && step % finest === 0) return step;
  const why =
    finest === STEP_MS
      ? 'figures are taken every 10 s'
      : 'of what is more than an hour ago whole hours are kept';
  throw invalid('step', asked, why, `For example \`step=${finest / 1000}\`, or a multiple of it`);
}

function moment(name: string, asked: string | null): number | null {
  if (asked === null) return null;
  const at = z3339.test(asked) ? Date.parse(asked) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw invalid(name, asked, 'it is no time of RFC 3339', `For example \`${name}=2026-11-21T14:00:00Z\``);
}

const z3339 = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2}))?$/;

function invalid(name: string, value: string | null, why: string, hint: string) {
  return supervisorError('query_invalid', { what: `\`${name}=${value ?? ''}\` cannot be used`, why, hint });
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
