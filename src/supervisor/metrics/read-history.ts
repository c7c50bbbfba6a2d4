import { LATENCY_BOUNDS_MS } from '../../runner/index.ts';
import type { AppHistory } from './app-history.ts';
import { type ChartQuery, gather, type Point, pointOf } from './chart.ts';
import { addFigures, NO_FIGURES } from './figures.ts';

/** Milliseconds that `now` covers. */
const WINDOW_MS = 30_000;

/** Figures of an app over time: `GET /v1/apps/{uuid}/metrics`. */
export interface Chart {
  readonly app: string;
  readonly from: string;
  readonly to: string;
  /** Seconds. */
  readonly step: number;
  /** Upper bounds of the latency buckets in milliseconds; a point has one bucket more. */
  readonly latency_bounds_ms: readonly number[];
  /** Oldest first; a step in which nothing was seen is left out. */
  readonly points: readonly Point[];
}

/** What a history knows of a span of time. */
export async function chartOf(app: string, history: AppHistory, query: ChartQuery): Promise<Chart> {
  return {
    app,
    from: new Date(query.from).toISOString(),
    to: new Date(query.to).toISOString(),
    step: query.step / 1000,
    latency_bounds_ms: LATENCY_BOUNDS_MS,
    points: gather(await history.spans(query), query.step).map(pointOf),
  };
}

/** The last 30 s as one point; null when nothing was seen in them. @param now milliseconds since the epoch */
export function pointNow({ recent }: AppHistory, now: number): Point | null {
  const spans = recent(now - WINDOW_MS);
  const [first] = spans;
  const sum = spans.reduce((all, span) => addFigures(all, span.figures), NO_FIGURES);
  return first === undefined ? null : pointOf({ at: first.at, figures: sum });
}
