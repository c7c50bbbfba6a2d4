import { resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { EXIT_DONE, EXIT_FAILED } from '../../terminal/print-error.ts';
import { shellWord } from '../../terminal/prose.ts';
import { sizeText } from '../../terminal/table.ts';
import { printFindings } from '../print-findings.ts';
import { logFileOf } from './log-file.ts';
import { showWalk } from './progress.ts';
import { findingsOf, isSound } from './report-rows.ts';

/** `tabbify doctor --copy <folder>`: log and blobs as they are now into a new folder, read back before it is called done. */
export async function copy(context: Context, folder: string): Promise<number> {
  const file = await logFileOf(context);
  const target = resolve(context.io.cwd, folder);
  const { copyLog, verifyLog } = await import('../../../log/index.ts');
  const progress = context.progress(`Copying ${file}`);
  const made = await copyLog(file, target);
  const report = await verifyLog(made.file, { onProgress: showWalk(progress, 'Reading the copy') });
  progress.clear();
  const ok = isSound(report);
  if (context.json) {
    context.printJson({
      ok,
      file: made.file,
      head: report.head,
      bytes: made.bytes,
      blobs: report.blobs.checked,
    });
    return ok ? EXIT_DONE : EXIT_FAILED;
  }
  if (!ok) {
    printFindings(context, findingsOf(report));
    context.print('The copy is as damaged as the log itself.');
    return EXIT_FAILED;
  }
  const { head, blobs } = report;
  context.print(
    `${target} holds ${head} events and ${blobs.checked} blobs (${sizeText(made.bytes)}), read back and sound.`,
    `What is damaged later comes back from it: \`tabbify doctor --repair ${shellWord(target)}\``,
  );
  return EXIT_DONE;
}
