import { setTimeout as wait } from 'node:timers/promises';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { cliError } from '../../errors.ts';

/** The office lets running requests end before it goes; milliseconds. */
const DEADLINE_MS = 30_000;

export const down: CliCommand<{ readonly apps?: boolean }> = {
  usage: 'down',
  local: true,
  summary: 'Close the office on this machine; its apps go on running',
  details:
    'Closes the office of this home only. What is asked at the moment is answered first.\nWith --apps those that are always on, or were started by hand, run again after the next `tabbify up`; the others when they are asked. A supervisor that runs alone (`tabbify supervisor`) must be ended first: it would start them again.',
  options: [{ flags: '--apps', summary: 'stop the apps as well' }],
  async run(context, _args, { apps = false }) {
    const pid = await closeOffice(context);
    const stopped = apps ? await stopApps(context) : null;
    if (context.json) {
      const office = pid === null ? { closed: false, reason: 'not running' } : { closed: true, pid };
      return context.printJson({ ...office, ...(stopped === null ? {} : { stopped }) });
    }
    if (pid === null) context.print(`No office is open in ${context.home}${apps ? '.' : '; nothing to do.'}`);
    if (stopped === null && pid !== null)
      context.print('Apps go on running; the next `tabbify up` takes them over.');
    if (stopped !== null) context.print(wordsOf(stopped.length));
  },
};

/** Ends the office of the home and waits for it; null when none is open there. */
async function closeOffice(context: Context): Promise<number | null> {
  const [{ readOfficeFile }, { isOffice, isOpen }] = await Promise.all([
    import('../../client/address.ts'),
    import('../../office/office-process.ts'),
  ]);
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
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + DEADLINE_MS;
  while ((await isOpen(record)) && Date.now() < deadline) await wait(50);
  if (await isOpen(record)) {
    progress.fail('The office is still there');
    throw cliError('office_still_running', {
      what: `The office (process ${pid}) is still running`,
      why: `it has not ended within ${DEADLINE_MS / 1000} seconds, perhaps because of a long request`,
      hint: 'Run `tabbify down` again, or look at the terminal it runs in.',
    });
  }
  progress.done('The office is closed');
  return pid;
}

async function stopApps(context: Context): Promise<readonly { app: string; pid: number }[]> {
  const { endRunners } = await import('../../../supervisor/index.ts');
  const progress = context.progress('Stopping the apps');
  const stopped = await endRunners(context.home, 'the office was closed with its apps');
  progress.clear();
  return stopped;
}

function wordsOf(count: number): string {
  if (count === 0) return 'No app was running.';
  return count === 1 ? 'One app is stopped.' : `${count} apps are stopped.`;
}
