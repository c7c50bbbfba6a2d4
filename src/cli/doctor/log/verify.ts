import type { Context } from '../../context.ts';
import { EXIT_DONE, EXIT_FAILED } from '../../terminal/print-error.ts';
import { printFindings } from '../print-findings.ts';
import { logFileOf } from './log-file.ts';
import { showWalk } from './progress.ts';
import { findingsOf, isSound } from './report-rows.ts';

/** `tabbify doctor --verify`: reads all of the log and its blobs on disk, the office open or closed. Changes nothing. */
export async function verify(context: Context): Promise<number> {
  const file = await logFileOf(context);
  const { verifyLog } = await import('../../../log/index.ts');
  const progress = context.progress(`Reading ${file}`);
  const report = await verifyLog(file, {
    whileOpen: true,
    onProgress: showWalk(progress, `Reading ${file}`),
  });
  progress.clear();
  const ok = isSound(report);
  if (context.json) {
    const { damagedCount, ...rest } = report;
    context.printJson({ ok, file, ...rest, damaged_count: damagedCount });
  } else {
    printFindings(context, findingsOf(report));
    if (ok) context.print(`${file} holds what was written.`);
  }
  return ok ? EXIT_DONE : EXIT_FAILED;
}
