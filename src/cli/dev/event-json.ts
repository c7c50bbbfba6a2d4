import type { DevEvent } from '../../dev/index.ts';
import type { TabbifyError } from '../../kit/index.ts';

/** A place in the app's source at the beginning of a text. */
const PLACE = /^(?<file>[^:\n]+\.[^:\n]+):(?<line>\d+):(?<column>\d+): /;

/** An event as one object for machines, with its time. */
export function eventJson(event: DevEvent, now: Date): Readonly<Record<string, unknown>> {
  const time = now.toISOString();
  if (event.event === 'failed') return { time, ...event, error: errorJson(event.error) };
  if (event.event !== 'manifest') return { time, ...event };
  const { diagnostics, serving } = event;
  return { time, event: 'manifest', diagnostics, serving };
}

function errorJson({ code, what, why, hint }: TabbifyError) {
  const { file, line, column } = PLACE.exec(what)?.groups ?? {};
  return {
    ...{ code, what, why: why ?? null, hint: hint ?? null },
    ...(file !== undefined && { file, line: Number(line), column: Number(column) }),
  };
}
