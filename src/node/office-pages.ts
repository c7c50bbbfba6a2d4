import type { EventPage, LogStore } from '../log/index.ts';

export interface OfficePagesOptions {
  /** Last position that is wanted; default: all that the log holds when the last page is read. */
  readonly through?: number;
  /** Events of a page at most; default 1000, the largest the log gives. */
  readonly size?: number;
}

/**
 * Pages of what a fold needs: events of class `office`, oldest first; traffic is never folded (CONTRACTS §6). The next
 * page is asked for before this one is worked on, so that the log's thread reads while this one folds.
 *
 * @param after position of the last event that was folded
 * @throws TabbifyError what the log says when it cannot be read
 */
export async function* officePages(
  log: Pick<LogStore, 'read'>,
  after: number,
  { through, size = 1000 }: OfficePagesOptions = {},
): AsyncGenerator<EventPage, void, undefined> {
  const ask = (from: number) => {
    const page = log.read({
      class: 'office',
      after: from,
      limit: size,
      ...(through !== undefined && { before: through + 1 }),
    });
    page.catch(() => {}); // told where it is awaited, which may be after the reader has given up
    return page;
  };
  let asked: Promise<EventPage> | null = ask(after);
  while (asked !== null) {
    const page: EventPage = await asked;
    asked = page.next === null ? null : ask(page.next);
    yield page;
  }
}
