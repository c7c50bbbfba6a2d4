import { openSqliteLog } from '../../src/log/index.ts';
import { corpusEvents } from './corpus.ts';
import { CORPUS_EVENTS } from './plan.ts';

/** Appends that wait for the disk together. */
const TOGETHER = 2000;

/**
 * Fills a new log with the corpus, through the log's own append: what it holds is what an office would have written.
 * Two groups are under way at a time, so that one is made while the other is written.
 *
 * @param file the database; must not hold a log yet
 * @throws Error when a position is not the one that the corpus means
 */
export async function writeCorpus(file: string, count = CORPUS_EVENTS): Promise<void> {
  const log = await openSqliteLog({ file });
  try {
    let before: Promise<unknown> = Promise.resolve();
    let group: Promise<unknown>[] = [];
    let position = 0;
    for (const draft of corpusEvents(count)) {
      position += 1;
      const expected = position;
      group.push(
        log.append(draft).then((result) => {
          if (result.position === expected) return;
          throw new Error(`event ${expected} of the corpus stands at position ${result.position}`);
        }),
      );
      if (group.length < TOGETHER) continue;
      await before;
      before = Promise.all(group);
      before.catch(() => {}); // whoever awaits it is told
      group = [];
    }
    await before;
    await Promise.all(group);
  } finally {
    await log.close();
  }
}
