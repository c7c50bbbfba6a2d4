import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliCommand } from '../../command.ts';
import { type BindFlags, bindOptions, officeFlags } from '../../office/bind-flags.ts';
import { untilStopped } from '../../terminal/until-stopped.ts';

export const up: CliCommand<BindFlags> = {
  usage: 'up',
  local: true,
  summary: 'Open the office on this machine: node, gateway and supervisor in one process',
  details:
    'Runs until Ctrl-C (or `tabbify down`). Apps live in processes of their own and go on running; the next start takes them over.',
  options: bindOptions('node', 'gateway', 'supervisor'),
  async run(context, _args, flags) {
    const office = await import('../../../office/index.ts');
    const config = office.readOfficeConfig(context.io.env, officeFlags(context.home, flags));
    const stopped = untilStopped(context.io);
    const { record, home, close } = await office.up(config);
    if (context.json) {
      context.printJson({ ...record, home });
    } else {
      const { paint } = context;
      const example = await stat(join(context.io.cwd, 'examples', 'hello')).catch(() => null);
      const next = example ? '`tcli push examples/hello`' : '`tcli init my-app`';
      context.print(
        `${paint(['bold', 'green'], 'The office is open.')} ${paint('dim', `Tabbify ${record.version}, home ${home}`)}`,
        `  node        ${paint('cyan', record.node_url)}`,
        `  gateway     ${record.gateway_url}`,
        `  supervisor  ${record.supervisor_url}`,
        `Next, in another terminal: ${paint('bold', next)}`,
        paint('dim', 'Ctrl-C closes the office; apps go on running.'),
      );
    }
    await stopped;
    if (!context.json) context.print('Closing the office; apps go on running …');
    await close();
  },
};
