import type { LogReport } from '../../../log/index.ts';
import { type Finding, fine, problemFound } from '../check.ts';

/** Of a kind of problem at most so many are listed; `--json` has all. */
const LISTED = 20;

const RESTORE = 'Restore it from a copy: `tabbify doctor --repair <copy>`';

/** Is nothing damaged? */
export function isSound({ damagedCount, structure, chain, blobs }: LogReport): boolean {
  return (
    damagedCount === 0 &&
    structure.length === 0 &&
    chain === 'ok' &&
    blobs.damaged.length + blobs.missing.length === 0
  );
}

/** What a verification found, as the rows of `tabbify doctor`. */
export function findingsOf(report: LogReport): Finding[] {
  const { head, events, damaged, damagedCount, structure, chain, blobs } = report;
  const listed = <T>(
    all: readonly T[],
    count: number,
    one: (item: T) => Finding,
    name: string,
  ): Finding[] => [
    ...all.slice(0, LISTED).map(one),
    ...(count > LISTED ? [problemFound(name, `${count - LISTED} more`, '--json lists them')] : []),
  ];
  const blobProblem = (why: string) => (blob: string) => problemFound('Blob', `${blob} ${why}`, RESTORE);
  return [
    ...(damagedCount === 0
      ? [fine('Events', `${events} of ${head} are as they were written`)]
      : listed(
          damaged,
          damagedCount,
          ({ position, why }) => problemFound('Event', `${position}: ${why}`, RESTORE),
          'Event',
        )),
    chain === 'ok'
      ? fine('Order', 'nothing was taken out, put in or moved')
      : problemFound('Order', `from position ${chain.brokenAt} on it is not as it was written`, RESTORE),
    ...(structure.length === 0
      ? [fine('File', 'sound')]
      : listed(structure, structure.length, (text) => problemFound('File', text, RESTORE), 'File')),
    ...(blobs.damaged.length + blobs.missing.length === 0
      ? [fine('Blobs', `${blobs.checked}, as they were stored`)]
      : [
          ...listed(blobs.damaged, blobs.damaged.length, blobProblem('has changed'), 'Blob'),
          ...listed(blobs.missing, blobs.missing.length, blobProblem('is missing'), 'Blob'),
        ]),
  ];
}
