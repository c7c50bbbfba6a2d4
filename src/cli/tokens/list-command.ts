import type { CliCommand } from '../command.ts';
import { localMoment } from '../terminal/local-time.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';

export const listCommand: CliCommand = {
  usage: 'list',
  summary: 'List the credentials of the office, without their secrets',
  async run(context) {
    const tokens = await (await context.client()).tokens.list();
    if (context.json) return context.printJson({ tokens });
    const { paint } = context;
    const head = ['NAME', 'KIND', 'STATE', 'EXPIRES', 'ID', 'MAY'].map((text) => paint('dim', text));
    const rows = tokens.map(({ name, kind, state, expires_at, id, role, scopes }) => [
      paint('bold', printable(name)),
      kind,
      paint(state === 'active' ? 'green' : 'yellow', state),
      expires_at === null ? 'never' : localMoment(expires_at),
      id,
      role ?? scopes.map(printable).join(' '),
    ]);
    context.print(...tableLines([head, ...rows], columnsOf(context.io.stdout)));
  },
};
