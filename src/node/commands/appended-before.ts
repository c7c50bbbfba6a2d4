import type { LogStore } from '../../log/index.ts';

/** How many of the unit's last events are looked at: a repeat follows its first request soon. */
const LOOK_BACK = 20;

/** Did one of the unit's last events have this id? Then the request is a repeat (`idFor`). */
export async function appendedBefore(
  log: Pick<LogStore, 'read'>,
  segment: string,
  subject: string,
  id: string,
): Promise<boolean> {
  const page = await log.read({ segments: [segment], subject, order: 'newest', limit: LOOK_BACK });
  return page.events.some((event) => event.id === id);
}
