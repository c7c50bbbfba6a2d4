import type { CliCommand } from '../command.ts';
import { localMoment } from '../terminal/local-time.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import { tenantOption } from './tenant-option.ts';

export const listCommand: CliCommand = {
  usage: 'list',
  summary: 'List the secrets of the office, never their values',
  options: [tenantOption],
  async run(context) {
    const secrets = await (await context.client()).secrets.list();
    if (context.json) return context.printJson({ secrets });
    if (secrets.length === 0) {
      context.print(
        'The office has no secrets yet. Register one: `tabbify secrets register <name> api-key`, and type its value.',
      );
      return;
    }
    const { paint } = context;
    const head = ['NAME', 'KIND', 'VERSION', 'CHANGED', 'BY', ''].map((text) => paint('dim', text));
    const rows = secrets.map(({ name, kind, version, updated_at, updated_by, state }) => [
      paint('bold', printable(name)),
      kind ?? '-',
      String(version),
      updated_at === null ? '-' : localMoment(updated_at),
      printable(updated_by ?? '-'),
      state === 'damaged' ? paint('red', 'damaged: rotate it, or put the file back from a copy') : '',
    ]);
    context.print(...tableLines([head, ...rows], columnsOf(context.io.stdout)));
  },
};
