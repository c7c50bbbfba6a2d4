import { setTimeout as delay } from 'node:timers/promises';
import type { EventFilterQuery, EventsClient, StreamedEvent } from '../client/events.ts';
import { isBreak } from '../client/is-break.ts';
import type { EventReply } from '../client/replies.ts';
import { cliError } from '../errors.ts';

/** Where the events come from and where they go. */
export interface Following {
  /** The office's API; asked for again after each break, since an office may come back at another address. */
  connect(): Promise<Pick<EventsClient, 'stream'>>;
  say(event: EventReply): void;
  /** Something about the stream itself that a person should know. */
  note(text: string): void;
  readonly signal?: AbortSignal | undefined;
}

export interface FollowBounds {
  /** Milliseconds of waiting for an office that is away, from the last time it answered; default a minute. */
  readonly awayMs?: number;
  /** Milliseconds before the second try; doubles up to 5 s. */
  readonly firstWaitMs?: number;
}

const LONGEST_WAIT_MS = 5_000;

/**
 * Tells events behind a cursor and those that come, until the signal aborts. When the office restarts or cuts this reader
 * off it goes on behind the last event that was told, so that none is missed and none is told twice.
 *
 * @throws TabbifyError `office_not_running` when the office stays away; what the office refuses with
 */
export async function followEvents(
  following: Following,
  query: EventFilterQuery & { readonly after: number },
  { awayMs = 60_000, firstWaitMs = 250 }: FollowBounds = {},
): Promise<void> {
  const { connect, signal, note } = following;
  let { after } = query;
  let answeredAt = performance.now();
  let wait = firstWaitMs;
  let away = false;
  const take = (streamed: StreamedEvent) => {
    answeredAt = performance.now();
    wait = firstWaitMs;
    if (streamed.kind === 'event') {
      after = streamed.event.position;
      following.say(streamed.event);
    } else if (streamed.kind === 'cut') {
      note(`The office cut this reader off (${streamed.why}); going on behind event ${after}.`);
    } else note(gapText(streamed.gap));
  };
  while (!signal?.aborted) {
    try {
      const client = await connect();
      for await (const streamed of client.stream({ ...query, after }, signal)) {
        if (away) note('The office is back.');
        away = false;
        take(streamed);
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isBreak(error)) throw error;
    }
    if (signal?.aborted) return;
    if (performance.now() - answeredAt > awayMs) throw stayedAway(after);
    if (!away && wait > firstWaitMs) {
      away = true;
      note('The office is away; waiting for it to come back …');
    }
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => {}); // stopped: the loop ends
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

function gapText(gap: Extract<StreamedEvent, { kind: 'gap' }>['gap']): string {
  if (gap.kind === 'erased') {
    const events = gap.count === 1 ? 'One event was' : `${gap.count} events were`;
    return `${events} passed over, up to ${gap.through}: what they said was erased.`;
  }
  const events = gap.positions.length === 1 ? 'Event' : 'Events';
  return `${events} ${gap.positions.join(', ')} passed over: damaged on disk; see \`tabbify doctor\`.`;
}

function stayedAway(after: number) {
  return cliError('office_not_running', {
    what: 'The stream of events has ended',
    why: 'the office was closed and did not come back',
    hint: `Start it with \`tabbify up\` and run this again; nothing is lost: the last event that was told is ${after}.`,
  });
}
