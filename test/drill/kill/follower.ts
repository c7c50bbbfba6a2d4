import { createParser } from 'eventsource-parser';
import { expectKept } from '../drill.ts';
import type { Site } from './site.ts';

/** An event as its readers get it. */
export interface SeenEvent {
  readonly id: string;
  readonly position: number;
  readonly type: string;
  readonly segment: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
}

/** A reader with a cursor that lives through the office's deaths. */
export interface Follower {
  /** What it asks for. */
  readonly passes: (event: SeenEvent) => boolean;
  /** It began after this position. */
  readonly from: number;
  readonly seen: readonly SeenEvent[];
  /** Rejects when a promise to it was broken. */
  readonly done: Promise<void>;
  stop(): void;
}

export interface FollowerOptions {
  readonly segments?: readonly string[];
  readonly types?: readonly string[];
  readonly from?: number;
  readonly onEvent?: (event: SeenEvent) => void;
}

/** Follows the log over SSE; after each death it resumes by `Last-Event-ID`. */
export function follow(site: Site, options: FollowerOptions = {}): Follower {
  const { segments, types, from = 0, onEvent } = options;
  const seen: SeenEvent[] = [];
  const stopping = new AbortController();
  let cursor = from;

  const take = (event: SeenEvent) => {
    expectKept(event.position > cursor, `after ${cursor} a follower was given ${event.position}`);
    cursor = event.position;
    seen.push(event);
    onEvent?.(event);
  };
  const listen = async () => {
    const query = new URLSearchParams({ after: String(from) });
    for (const segment of segments ?? []) query.append('segment', segment);
    for (const type of types ?? []) query.append('type', type);
    while (!stopping.signal.aborted) {
      await Promise.race([site.opened(), aborted(stopping.signal)]);
      try {
        const headers = cursor > from ? { 'last-event-id': String(cursor) } : {};
        const response = await site.once(`/v1/events/stream?${query}`, { headers, signal: stopping.signal });
        expectKept(response.status === 200, `a stream was answered with ${response.status}`);
        await readStream(response, take);
      } catch (error) {
        if (error instanceof Error && error.name === 'Broken') throw error;
        // the connection died with the office, or we were told to stop
      }
    }
  };
  return {
    passes: (event) =>
      (segments === undefined || segments.includes(event.segment)) &&
      (types === undefined || types.includes(event.type)),
    from,
    seen,
    done: listen(),
    stop: () => stopping.abort(),
  };
}

async function readStream(response: Response, take: (event: SeenEvent) => void): Promise<void> {
  const text = new TextDecoder();
  const parser = createParser({
    onEvent({ id, event, data }) {
      const stored = JSON.parse(data) as SeenEvent;
      // what the log says about itself (a gap, a cut) has no position
      if (id === undefined || stored.position === undefined) return;
      expectKept(Number(id) === stored.position, `a frame with id ${id} carries position ${stored.position}`);
      expectKept(event === stored.type, `a frame named ${event} carries ${stored.type}`);
      take(stored);
    },
  });
  for await (const chunk of response.body ?? []) parser.feed(text.decode(chunk, { stream: true }));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
