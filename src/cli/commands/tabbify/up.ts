import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OFFICE_FLAGS } from '../../../../bootstrap/node26.mjs';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { type BindFlags, bindOptions, officeFlags } from '../../office/bind-flags.ts';
import { closeOffice } from '../../office/close-office.ts';
import { choiceOption } from '../../options.ts';
import { untilStopped } from '../../terminal/until-stopped.ts';

type Scope = 'system' | 'user';

interface UpFlags extends BindFlags {
  readonly replace?: boolean;
  readonly printUnit?: Scope;
  readonly printSocket?: Scope;
}

export const up: CliCommand<UpFlags> = {
  usage: 'up',
  local: true,
  summary: 'Open the office on this machine: node, gateway and supervisor in one process',
  details:
    'Runs until Ctrl-C (or `tabbify down`). Apps live in processes of their own and go on running; the next start takes them over.\nWith --replace an office that is open here, perhaps of another version, is closed when all is loaded to take its place: visitors miss it for a moment only.\nWith --print-unit nothing is opened: a systemd unit is printed that opens this office, with these flags and settings from `office.env` in its home. With --print-socket: a unit by which systemd listens for the node, so that visitors wait while the office restarts. See docs/upgrading.md.\nExample: tabbify up --print-unit user > ~/.config/systemd/user/tabbify.service',
  options: [
    ...bindOptions('node', 'gateway', 'supervisor'),
    { flags: '--replace', summary: 'close the office that is open in this home first, if there is one' },
    {
      flags: '--print-unit <scope>',
      summary: 'print a systemd unit instead: `user` for you, `system` for the machine',
      parse: choiceOption('--print-unit', ['user', 'system']),
    },
    {
      flags: '--print-socket <scope>',
      summary: 'print the socket unit that goes with it',
      parse: choiceOption('--print-socket', ['user', 'system']),
    },
  ],
  async run(context, _args, flags) {
    const [office, { createLogger }] = await Promise.all([
      import('../../../office/index.ts'),
      import('../../../kit/index.ts'),
    ]);
    const config = office.readOfficeConfig(context.io.env, officeFlags(context.home, flags));
    if (flags.printUnit !== undefined) return printUnit(context, flags.printUnit, flags);
    if (flags.printSocket !== undefined)
      return print(context, flags.printSocket, office.systemdSocket(flags.printSocket, config.node.bind));
    const service = office.serviceNotifier(context.io.env, createLogger('office', config.logLevel));
    const stopped = untilStopped(context.io);
    if (flags.replace) {
      await office.preparePlace(config);
      await closeOffice(context, 'closing');
    }
    const { record, home, close } = await office.up(config);
    service.ready(`The office is open at ${record.node_url}`);
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
    service.stopping();
    if (!context.json) context.print('Closing the office; apps go on running …');
    await close();
    service.close();
  },
};

/** The unit opens the office as it would be opened now; settings of the environment belong into `office.env`. */
async function printUnit(context: Context, scope: Scope, flags: BindFlags): Promise<void> {
  const { systemdUnit } = await import('../../../office/index.ts');
  const { username, uid } = userInfo();
  const owner = await stat(context.home).catch(() => null);
  const bin = fileURLToPath(new URL('../../../../bin/tabbify.mjs', import.meta.url));
  const unit = systemdUnit({
    scope,
    home: context.home,
    user: owner === null || owner.uid === uid ? username : String(owner.uid),
    command: [process.execPath, ...OFFICE_FLAGS, bin, 'up', '--home', context.home, ...given(flags)],
  });
  print(context, scope, unit);
}

function print(context: Context, scope: Scope, unit: string): void {
  if (context.json) context.printJson({ scope, unit });
  else context.printRaw(unit.trimEnd());
}

/** The flags as they were given. */
function given(flags: BindFlags): readonly string[] {
  const values = {
    '--node-bind': flags.nodeBind,
    '--gateway-bind': flags.gatewayBind,
    '--supervisor-bind': flags.supervisorBind,
    '--supervisor-name': flags.supervisorName,
  };
  return Object.entries(values).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}
