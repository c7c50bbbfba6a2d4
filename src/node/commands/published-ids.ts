import type { EventListener } from '../live-state.ts';

/** Which version a `version_published` event of an id was: how a repeated push is answered as the first one was. */
export interface PublishedIds {
  get(eventId: string): { readonly version: number; readonly digest: string } | undefined;
  /** To be told of every event, from the first on. */
  readonly note: EventListener;
}

/** As many as are remembered; the log itself recognises an id for longer (CONTRACTS §6). */
const MAX_REMEMBERED = 10_000;

export function createPublishedIds(): PublishedIds {
  const byId = new Map<string, { version: number; digest: string }>();
  return {
    get: (eventId) => byId.get(eventId),
    note(event) {
      if (event.type !== 'version_published') return;
      byId.set(event.id, { version: Number(event.data.version), digest: String(event.data.digest) });
      const oldest = byId.keys().next();
      if (byId.size > MAX_REMEMBERED && !oldest.done) byId.delete(oldest.value);
    },
  };
}
