import { setTimeout as wait } from 'node:timers/promises';
import type { CliCommand } from '../../command.ts';
import { cliError } from '../../errors.ts';

/** The office lets running requests end before it goes; milliseconds. */
const DEADLINE_MS = 30_000;

export const down: CliCommand = {
  usage: 'down',
  local: true,
  summary: 'Close the office on this machine; its apps go on running',
  async run(context) {
    const [{ readOfficeFile }, { isAlive, isOffice }] = await Promise.all([
      import('../../client/address.ts'),
      import('../../office/office-process.ts'),
    ]);
    const record = await readOfficeFile(context.home);
    if (record === null || !isAlive(record.pid)) {
      if (context.json) return context.printJson({ closed: false, reason: 'not running' });
      context.print(`No office is open in ${context.home}; nothing to do.`);
      return;
    }
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
    while (isAlive(pid) && Date.now() < deadline) await wait(50);
    if (isAlive(pid)) {
      progress.fail('The office is still there');
      throw cliError('office_still_running', {
        what: `The office (process ${pid}) is still running`,
        why: `it has not ended within ${DEADLINE_MS / 1000} seconds, perhaps because of a long request`,
        hint: 'Run `tabbify down` again, or look at the terminal it runs in.',
      });
    }
    progress.done('The office is closed');
    if (context.json) return context.printJson({ closed: true, pid });
    context.print('Apps go on running; the next `tabbify up` takes them over.');
  },
};
