import type { StoredEvent } from '../envelope.ts';
import type { Gap } from '../log-store.ts';

/** Name of the frame that tells of a gap; no type of an event begins with `$`. Its data is a `Gap`. */
export const GAP_FRAME = '$gap';
/** Name of the last frame of a reader that is cut off. Its data is `{"after": <position>, "why": <text>}`. */
export const CUT_FRAME = '$cut';

/** Sends the head of the response. */
export const OPENING = Buffer.from(': open\n\n');
export const HEARTBEAT = Buffer.from(': still here\n\n');

const frames = new WeakMap<StoredEvent, Buffer>();

/**
 * One server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html); JSON has no line breaks.
 * Written once per object: the tail hands the same one to every reader.
 */
export function eventFrame(event: StoredEvent): Buffer {
  let frame = frames.get(event);
  if (frame === undefined) {
    frame = Buffer.from(`id: ${event.position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    frames.set(event, frame);
  }
  return frame;
}

/** No id: who resumes begins behind the last event, and is told of the gap again if it did not come through. */
export function gapFrame(gap: Gap): Buffer {
  return Buffer.from(`event: ${GAP_FRAME}\ndata: ${JSON.stringify(gap)}\n\n`);
}

export function cutFrame(after: number, why: string): Buffer {
  return Buffer.from(`event: ${CUT_FRAME}\ndata: ${JSON.stringify({ after, why })}\n\n`);
}
