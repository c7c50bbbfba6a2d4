import type { Attributes, Context } from '@opentelemetry/api';
import type { SpanReport } from '../../runner/index.ts';

/** A span that a runner has told of. Times in milliseconds since the epoch, by the edge's clock. */
export interface RunnerSpan {
  readonly spanId: string;
  readonly name: string;
  /** Of the span at the edge that it is a child of. */
  readonly context: Context;
  readonly attributes: Attributes;
  readonly beganMs: number;
  /** When the head of the answer was there. */
  readonly headMs: number;
  readonly endMs: number;
  /** `error.type`; null: it went well. */
  readonly failure: string | null;
}

/** How far two clocks of one machine may lie apart (milliseconds). */
const SAME_CLOCK_MS = 2;

/**
 * Places what a runner did between the sending of the request and the end of its answer, as the edge saw them. A runner
 * whose clock is another machine's is put in the middle of that: what is left over is thought to be the way there and back.
 */
export function runnersWindow(
  { beganUs, headUs }: Pick<SpanReport, 'beganUs' | 'headUs'>,
  seen: { readonly beganMs: number; readonly headMs: number; readonly endMs: number },
): Pick<RunnerSpan, 'beganMs' | 'headMs' | 'endMs'> {
  const longest = seen.headMs - seen.beganMs;
  const took = Math.min(headUs / 1000, longest);
  const told = beganUs / 1000;
  const fits = told >= seen.beganMs - SAME_CLOCK_MS && told + took <= seen.headMs + SAME_CLOCK_MS;
  const latest = seen.headMs - took;
  const beganMs = fits ? Math.min(Math.max(told, seen.beganMs), latest) : seen.beganMs + (longest - took) / 2;
  return { beganMs, headMs: Math.min(beganMs + took, seen.headMs), endMs: seen.endMs };
}
