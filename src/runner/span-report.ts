import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TimedResponse } from './app-figures.ts';
import { formatTraceParent, parseTraceParent } from './trace-context.ts';

/** Request header with which the edge asks for a `SpanReport`; only a trace that is recorded has it. */
export const TRACE_HEADER = 'tabbify-trace';
/** Header of the answer that holds the report; the edge takes it off. */
export const SPAN_HEADER = 'tabbify-span';

/**
 * What a runner tells of its part in a trace. The edge makes the span of it: a runner has no exporter, so it needs no
 * address, no key and no queue, and what it did is told even if it is killed a moment later.
 */
export interface SpanReport {
  /** Of the span around the app's work; the app was given it as its parent. 16 lower-case hex digits. */
  readonly spanId: string;
  /** When the request came: microseconds since the epoch, by the runner's clock. */
  readonly beganUs: number;
  /** Microseconds from there to the head of the answer. */
  readonly headUs: number;
  /** The app's version. */
  readonly version: number;
  readonly pid: number;
}

const REPORT =
  /^(?<spanId>[\da-f]{16});(?<began>\d{1,16});(?<head>\d{1,15});(?<version>\d{1,9});(?<pid>\d{1,9})$/;

/** @param value the last one counts, if there are several: an app may send the header too, the runner's comes after it */
export function parseSpanReport(value: string | readonly string[] | undefined): SpanReport | null {
  const parts = REPORT.exec((typeof value === 'string' ? value : value?.at(-1)) ?? '')?.groups;
  if (parts === undefined) return null;
  return {
    spanId: parts.spanId ?? '',
    beganUs: Number(parts.began),
    headUs: Number(parts.head),
    version: Number(parts.version),
    pid: Number(parts.pid),
  };
}

/**
 * Takes its part in the trace of a request that asks for it: the app gets a `traceparent` whose span the answer reports.
 * Call it before the platform's headers are taken off; it does nothing to a request that does not ask.
 *
 * @returns tells of the span with the answer; to be called when the app is to serve; null: nobody asks
 */
export function joinTrace(
  request: IncomingMessage,
  version: number,
): ((response: TimedResponse) => void) | null {
  if (request.headers[TRACE_HEADER] === undefined) return null;
  const parent = parseTraceParent(oneOf(request.headers.traceparent));
  if (parent === null) return null;
  const beganUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
  const spanId = randomBytes(8).toString('hex');
  replaceHeader(request, 'traceparent', formatTraceParent({ ...parent, spanId }));
  return (response) => {
    response.lastHeader = (headAfterMs) => [
      SPAN_HEADER,
      `${spanId};${beganUs};${Math.round(headAfterMs * 1000)};${version};${process.pid}`,
    ];
  };
}

function oneOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** In every view of the request; the header stands there once. */
function replaceHeader(
  { headers, headersDistinct, rawHeaders }: IncomingMessage,
  name: string,
  value: string,
): void {
  headers[name] = value;
  headersDistinct[name] = [value];
  const at = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  rawHeaders[at + 1] = value;
}
