import { type Context, createTraceState, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { formatTraceParent, parseTraceParent } from '../../runner/index.ts';

/**
 * Takes the W3C headers of a trace out of a request's headers: what goes on to the app is of our own span.
 *
 * @param headers names and values, alternating; made shorter
 * @returns the visitor's span, which ours becomes a child of; the root where there is none, or a malformed one
 */
export function takeVisitorsContext(headers: string[]): Context {
  const parents: string[] = [];
  const states: string[] = [];
  let kept = 0;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    const lower = name.length === 11 || name.length === 10 ? name.toLowerCase() : '';
    if (lower === 'traceparent') parents.push(value);
    else if (lower === 'tracestate') states.push(value);
    else {
      headers[kept] = name;
      headers[kept + 1] = value;
      kept += 2;
    }
  }
  headers.length = kept;
  const parent = parents.length === 1 ? parseTraceParent(parents[0]) : null;
  if (parent === null) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(states.length === 0 ? {} : { traceState: createTraceState(states.join(',')) }),
  });
}

/** The headers that carry a span on: names and values, alternating. */
export function contextHeaders({ traceId, spanId, traceFlags, traceState }: SpanContext): string[] {
  const headers = ['traceparent', formatTraceParent({ traceId, spanId, flags: traceFlags })];
  const state = traceState?.serialize() ?? '';
  if (state !== '') headers.push('tracestate', state);
  return headers;
}
