import type { LogStore } from '../../log/index.ts';
import { officeSegment } from '../../state/index.ts';

/** What a `version_published` event says of the version. */
export interface PublishedBefore {
  readonly version: number;
  readonly digest: string;
}

/**
 * The version that an event of this id announced, asked of the log itself: so a repeated push is answered as the first
 * was, however long ago that was and whatever has been started again since. Only the app's own versions are read,
 * newest first.
 *
 * @returns null when the app has no such event
 */
export async function publishedBefore(
  log: LogStore,
  office: string,
  uuid: string,
  eventId: string,
): Promise<PublishedBefore | null> {
  let before: number | undefined;
  for (;;) {
    const page = await log.read({
      segments: [officeSegment(office, 'apps')],
      types: ['version_published'],
      subject: `app/${uuid}`,
      order: 'newest',
      ...(before !== undefined && { before }),
    });
    const found = page.events.find(({ id }) => id === eventId);
    if (found !== undefined)
      return { version: Number(found.data.version), digest: String(found.data.digest) };
    if (page.next === null) return null;
    before = page.next;
  }
}
