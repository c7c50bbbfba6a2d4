import { setTimeout as wait } from 'node:timers/promises';
import { type OfficeFile, readOfficeFile } from '../client/address.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { isOffice, isOpen } from './office-process.ts';

/** The office answers what was asked before it goes; milliseconds. */
const DEADLINE_MS = 30_000;
const LOOK_MS = 20;

/**
 * Ends the office of the home and waits for it; null when none is open there.
 *
 * @param until `closing`: it is enough that it takes no visitors any more; who opens its log next waits for the rest
 */
export async function closeOffice(
  context: Context,
  until: 'gone' | 'closing' = 'gone',
): Promise<OfficeFile | null> {
  const record = await readOfficeFile(context.home);
  if (record === null || !(await isOpen(record))) return null;
  const { pid } = record;
  if (!(await isOffice(pid))) {
    throw cliError('not_our_office', {
      what: `Process ${pid} is not closed`,
      why: `office.json names it, but it is not \`tabbify up\`: the office ended without clearing its record`,
      hint: `Nothing has to be done; \`tabbify up\` starts a new office. If ${pid} is the office after all, press Ctrl-C in its terminal.`,
    });
  }
  const progress = context.progress(`Closing the office (process ${pid})`);
  if (!record.closing) tellToEnd(pid);
  const isDone = async (): Promise<boolean> => {
    const now = until === 'closing' ? await readOfficeFile(context.home) : record;
    return now === null || (until === 'closing' && now.closing) || !(await isOpen(record));
  };
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isDone()) && Date.now() < deadline) await wait(LOOK_MS);
  if (!(await isDone())) {
    progress.fail('The office is still there');
    throw cliError('office_still_running', {
      what: `The office (process ${pid}) is still running`,
      why: `it has not ended within ${DEADLINE_MS / 1000} seconds`,
      hint: `Look at the terminal it runs in. \`kill -9 ${pid}\` ends it at once; nothing that was answered is lost, and apps go on running.`,
    });
  }
  progress.done(until === 'gone' ? 'The office is closed' : 'The office that was open is closing');
  return record;
}

function tellToEnd(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has just ended
  }
}
