import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { closeOffice } from '../../office/close-office.ts';

export const down: CliCommand<{ readonly apps?: boolean }> = {
  usage: 'down',
  local: true,
  summary: 'Close the office on this machine; its apps go on running',
  details:
    'Closes the office of this home only. What is asked at the moment is answered first.\nWith --apps those that are always on, or were started by hand, run again after the next `tabbify up`; the others when they are asked. A supervisor that runs alone (`tabbify supervisor`) must be ended first: it would start them again.',
  options: [{ flags: '--apps', summary: 'stop the apps as well' }],
  async run(context, _args, { apps = false }) {
    const closed = await closeOffice(context);
    const pid = closed?.pid ?? null;
    const stopped = apps ? await stopApps(context) : null;
    if (context.json) {
      const office = pid === null ? { closed: false, reason: 'not running' } : { closed: true, pid };
      return context.printJson({ ...office, ...(stopped === null ? {} : { stopped }) });
    }
    if (pid === null) context.print(`No office is open in ${context.home}${apps ? '.' : '; nothing to do.'}`);
    if (stopped === null && pid !== null)
      context.print('Apps go on running; the next `tabbify up` takes them over.');
    if (stopped !== null) context.print(wordsOf(stopped.length));
    if (closed?.passed_listener)
      context.print(
        'systemd listens on for it, and opens it again when somebody comes; to keep it closed stop its socket unit as well: `systemctl --user stop tabbify.socket`, or without --user.',
      );
  },
};

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
