import { CHAIN_START } from '../sqlite/groups.ts';
import { proves, type Source, soundRow } from './sources.ts';

/**
 * How far a backup is proven to be this log: position of the last commit whose chain is the same in both, where every
 * event of the backup up to there makes the backup's own chain. A chain says all that is before it, so up to there the
 * backup's commits are those of the log, whatever the disk made of the damaged file's.
 *
 * @returns 0 when nothing is proven
 */
export function anchorOf(damaged: Source, backup: Source): number {
  let before: Uint8Array = CHAIN_START;
  let first = 1;
  let anchor = 0;
  for (const group of backup.groups) {
    const rows = backup.file.rows(first, group.last);
    const digests: Uint8Array[] = [];
    for (let position = first; position <= group.last; position++) {
      const row = soundRow(position, rows.get(position));
      if (row === null) return anchor;
      digests.push(row.digest);
    }
    if (!proves(before, group, digests)) return anchor;
    const same = damaged.groupAt.get(group.last);
    if (same !== undefined && Buffer.compare(same.chain, group.chain) === 0) anchor = group.last;
    before = group.chain;
    first = group.last + 1;
  }
  return anchor;
}
