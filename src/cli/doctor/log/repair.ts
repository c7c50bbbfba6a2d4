import { resolve } from 'node:path';
import type { LogReport, RepairResult } from '../../../log/index.ts';
import type { Context } from '../../context.ts';
import { cliError } from '../../errors.ts';
import { EXIT_DONE, EXIT_FAILED } from '../../terminal/print-error.ts';
import { answerTo } from '../../terminal/question.ts';
import { printFindings } from '../print-findings.ts';
import { removeDerived } from '../rebuild.ts';
import { logFileIn, logFileOf } from './log-file.ts';
import { showWalk } from './progress.ts';
import { findingsOf, isSound } from './report-rows.ts';

export interface RepairChoices {
  /** A copy of log.db, or the folder that holds one; null: from what the log itself still has. */
  readonly copy: string | null;
  readonly acceptLoss: boolean;
  readonly yes: boolean;
}

/**
 * `tabbify doctor --repair`: says what is damaged and what will be done, asks, does it, and looks again.
 *
 * @throws TabbifyError `log_in_use` while the office is open; `event_damaged` when events stay lost and that is not accepted
 */
export async function repair(context: Context, { copy, acceptLoss, yes }: RepairChoices): Promise<number> {
  const file = await logFileOf(context);
  const backup = copy === null ? null : await logFileIn(resolve(context.io.cwd, copy));
  const { repairLog, verifyLog } = await import('../../../log/index.ts');
  const progress = context.progress(`Reading ${file}`);
  const before = await verifyLog(file, { onProgress: showWalk(progress, `Reading ${file}`) });
  progress.clear();
  if (isSound(before)) {
    if (context.json) context.printJson({ ok: true, repaired: false, file });
    else context.print(`${file} holds what was written; nothing was changed.`);
    return EXIT_DONE;
  }
  if (!context.json) showPlan(context, file, backup, before);
  if (!(await isWanted(context, yes))) {
    context.print('Nothing was changed.');
    return EXIT_FAILED;
  }
  progress.step('Repairing');
  const result = await repairLog({
    file,
    ...(backup === null ? {} : { backup }),
    acceptLoss,
    onProgress: showWalk(progress, 'Repairing'),
  });
  const removed = await removeDerived(context.home);
  const after = await verifyLog(file, { onProgress: showWalk(progress, 'Reading what was made') });
  progress.clear();
  const ok = isSound(after);
  if (context.json) context.printJson({ ok, repaired: true, file, ...jsonOf(result), removed });
  else showResult(context, result, after);
  return ok ? EXIT_DONE : EXIT_FAILED;
}

function showPlan(context: Context, file: string, backup: string | null, before: LogReport): void {
  printFindings(context, findingsOf(before));
  context.print(
    `A new ${file} will be made of all that can be read${backup === null ? '' : `, the rest from ${backup}`}. The damaged one is kept beside it.`,
  );
}

/** @throws TabbifyError `usage` when nobody can be asked */
async function isWanted({ io, json }: Context, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || json) {
    throw cliError('usage', {
      what: 'The log was not repaired',
      why: 'a person has to say yes, and this is no terminal to ask in',
      hint: 'Say yes beforehand with --yes.',
    });
  }
  const { confirm } = await import('@clack/prompts');
  const message = 'Repair it now?';
  return (await answerTo(io, (asked) => confirm({ message, initialValue: false, ...asked }))) === true;
}

function jsonOf({ damagedFile, blobs, ...result }: RepairResult) {
  return { ...result, blobs_restored: blobs.restored, blobs_lost: blobs.lost, damaged_file: damagedFile };
}

function showResult(context: Context, result: RepairResult, after: LogReport): void {
  const { head, restored, lost, unproven, blobs, damagedFile } = result;
  const count = (positions: readonly unknown[], one: string) =>
    `${positions.length} ${one}${positions.length === 1 ? '' : 's'}`;
  context.print(
    `Repaired: ${head} events, ${count(restored, 'event')} and ${count(blobs.restored, 'blob')} from the copy.`,
  );
  if (lost.length > 0)
    context.print(`Lost for good, tombstones now: ${count(lost, 'event')}: ${listed(lost)}.`);
  if (blobs.lost.length > 0)
    context.print(`Lost for good: ${count(blobs.lost, 'blob')}: ${listed(blobs.lost)}.`);
  if (unproven.length > 0) {
    context.print(
      `Whole, but not proven to be all there was: the commits that begin at ${listed(unproven)}.`,
    );
  }
  context.print(`The damaged file is kept as ${damagedFile}; remove it when all is well.`);
  if (isSound(after)) context.print('Open the office: `tabbify up`');
  else printFindings(context, findingsOf(after));
}

function listed(items: readonly unknown[]): string {
  return `${items.slice(0, 20).join(', ')}${items.length > 20 ? ` and ${items.length - 20} more` : ''}`;
}
