import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { syncDirectory } from '../../kit/index.ts';
import { logError } from '../errors.ts';
import { anchorOf } from './anchor.ts';
import type { Group } from './chain.ts';
import { lockOrRefuse } from './lock.ts';
import { openDamaged } from './mended-copy.ts';
import { createRebuild, type Rebuild } from './rebuild.ts';
import { repairBlobs } from './repair-blobs.ts';
import type { Progress } from './report.ts';
import { lostRow, restoreGroup } from './restore.ts';
import type { Source } from './sources.ts';

export interface RepairOptions {
  /** The damaged log; no process has it open. */
  readonly file: string;
  /** A copy of it, e.g. of last night; only what is missing is taken from it, and only what the hash chain proves. */
  readonly backup?: string;
  /** Folder of the blobs; default `blobs` beside the file. */
  readonly blobs?: string;
  /** Folder of the backup's blobs; default `blobs` beside the backup. */
  readonly backupBlobs?: string;
  /** Go on with tombstones where events are lost for good; the office's state is then without them. */
  readonly acceptLoss?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

export interface RepairResult {
  readonly head: number;
  /** Positions taken from the backup. */
  readonly restored: readonly number[];
  /** Positions that are tombstones now. */
  readonly lost: readonly number[];
  /** First positions of commits whose events are whole, each by its digest, but cannot be proven to be all of them. */
  readonly unproven: readonly number[];
  readonly blobs: { readonly restored: readonly string[]; readonly lost: readonly string[] };
  /** Where the damaged file lies now. */
  readonly damagedFile: string;
}

/**
 * Builds a new file from every event that can be read, the rest from a backup copy, and puts it in the place of the
 * damaged one, which is kept beside it as `<file>.damaged-<time>`. A process that dies meanwhile has changed nothing.
 * Needs room for a second file.
 *
 * @throws TabbifyError `log_in_use`; `event_damaged` naming the positions when events are lost and that is not accepted;
 *   `log_unavailable` when nothing of a log can be read, or the backup is of another log
 */
export async function repairLog(options: RepairOptions): Promise<RepairResult> {
  const { file, backup } = options;
  const unlock = lockOrRefuse(file);
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const built = `${file}.repair-${time}`;
  const damaged = openDamaged(file, `${file}.mended-${time}`);
  const copy = backup === undefined ? null : openDamaged(backup, `${file}.mended-backup-${time}`);
  try {
    const rebuild = createRebuild(built);
    let told: Told;
    try {
      told = await rebuildFrom(damaged.source, copy?.source ?? null, rebuild, options);
      rebuild.finish((damaged.source.erasures ?? Date.now()) + 1);
    } catch (error) {
      rebuild.abandon();
      throw error;
    }
    damaged.close();
    copy?.close();
    const damagedFile = `${file}.damaged-${time}`;
    for (const ending of ['-wal', '-shm', '']) {
      if (existsSync(`${file}${ending}`)) renameSync(`${file}${ending}`, `${damagedFile}${ending}`);
    }
    renameSync(built, file);
    await syncDirectory(dirname(file));
    const blobs = await repairBlobs(
      file,
      options.blobs ?? join(dirname(file), 'blobs'),
      options.backupBlobs ?? (backup === undefined ? null : join(dirname(backup), 'blobs')),
    );
    return { ...told, blobs, damagedFile };
  } finally {
    damaged.close();
    copy?.close();
    for (const ending of ['', '-wal', '-shm']) rmSync(`${built}${ending}`, { force: true });
    unlock();
  }
}

type Told = Pick<RepairResult, 'head' | 'restored' | 'lost' | 'unproven'>;

async function rebuildFrom(
  damaged: Source,
  backup: Source | null,
  rebuild: Rebuild,
  { acceptLoss = false, onProgress }: RepairOptions,
): Promise<Told> {
  if (backup !== null) checkSameLog(damaged, backup);
  const groups = groupsOfBoth(damaged, backup);
  const head = Math.max(0, ...groups.keys());
  if (head === 0) throw nothingLeft(damaged);
  const restored: number[] = [];
  const lost: number[] = [];
  const unproven: number[] = [];
  let first = 1;
  for (const group of [...groups.values()].sort((a, b) => a.last - b.last)) {
    const found = restoreGroup(damaged, backup, groups, group, first);
    for (const [index, row] of found.rows.entries()) {
      if (row === null) lost.push(first + index);
      // Where loss is not accepted the rest is still looked at, so that all of it can be named.
      rebuild.add(row ?? lostRow(first + index, found.remains.get(first + index), group.at));
    }
    restored.push(...found.restored);
    if (!found.proven && found.rows.every((row) => row !== null)) unproven.push(first);
    rebuild.endGroup(group.at);
    first = group.last + 1;
    onProgress?.({ position: group.last, head });
    if (group.last % 512 === 0) await turn();
  }
  if (lost.length > 0 && !acceptLoss) throw wouldLose(lost, backup !== null);
  return { head, restored, lost, unproven };
}

/**
 * Commits by their last position: the backup's as far as it is proven to be this log; behind that the damaged file's,
 * and the backup's where the file has none that can be read.
 */
function groupsOfBoth(damaged: Source, backup: Source | null): Map<number, Group> {
  const proven = backup === null ? 0 : anchorOf(damaged, backup);
  const groups = new Map<number, Group>();
  for (const group of backup?.groups ?? []) groups.set(group.last, group);
  for (const group of damaged.groups) if (group.last > proven) groups.set(group.last, group);
  // Events behind the last commit that can be read are taken as one commit more.
  if (damaged.head > Math.max(0, ...groups.keys())) {
    const at = damaged.groups.at(-1)?.at ?? 0;
    groups.set(damaged.head, { last: damaged.head, at, chain: Buffer.alloc(32) });
  }
  return groups;
}

function checkSameLog(damaged: Source, backup: Source): void {
  const chains = new Map(damaged.groups.map((group) => [group.last, group.chain]));
  const common = backup.groups.filter((group) => chains.has(group.last));
  if (backup.groups.length > 0 && common.length === 0) return; // nothing left to compare with
  const same = common.some(
    (group) => Buffer.compare(group.chain, chains.get(group.last) ?? Buffer.alloc(0)) === 0,
  );
  if (same) return;
  throw logError('log_unavailable', {
    what: 'The log was not repaired',
    why: 'the backup is not a copy of this log: no commit of the two agrees',
    hint: 'Name a backup that was made of this office',
  });
}

function nothingLeft(damaged: Source) {
  return logError('log_unavailable', {
    what: 'The log was not repaired',
    why: `nothing of it can be read${damaged.file.why === null ? '' : `: ${damaged.file.why}`}`,
    hint: 'Name a backup copy of it',
  });
}

function wouldLose(lost: readonly number[], hadBackup: boolean) {
  const named = lost.slice(0, 20).join(', ');
  return logError('event_damaged', {
    what: 'The log was not repaired',
    why: `${lost.length} event${lost.length === 1 ? '' : 's'} would be lost: ${named}${lost.length > 20 ? ' …' : ''}`,
    hint: hadBackup
      ? 'Name a copy that holds them: `tabbify doctor --repair <copy>`; or accept the loss with --accept-loss: the state is then without them'
      : 'Name a copy: `tabbify doctor --repair <copy>`; or accept the loss with --accept-loss: the state is then without them',
  });
}
