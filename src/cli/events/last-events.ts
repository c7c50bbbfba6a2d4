import type { EventQuery, NodeClient } from '../client/node-client.ts';
import type { EventReply } from '../client/replies.ts';

const PAGE = 1000;

/**
 * The last matching events, oldest first, and the head of the log they were read at. Without a filter only the
 * end of the log is read; with one, positions say nothing about how many match, so all of it is.
 */
export async function lastEvents(
  client: NodeClient,
  query: EventQuery,
  limit: number,
): Promise<{ readonly events: readonly EventReply[]; readonly head: number }> {
  const filtered = Object.values(query).some((value) => value !== undefined);
  const { head } = await client.events({ after: 0, limit: 1 });
  let after = filtered ? 0 : Math.max(0, head - limit);
  let events: EventReply[] = [];
  let read = head;
  while (limit > 0) {
    const page = await client.events({ ...query, after, limit: PAGE });
    events = [...events, ...page.events].slice(-limit);
    read = page.head;
    if (page.next === null) break;
    after = page.next;
  }
  return { events, head: read };
}
