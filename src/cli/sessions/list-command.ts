import type { CliCommand } from '../command.ts';
import { localMoment } from '../terminal/local-time.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';

export const listCommand: CliCommand = {
  usage: 'list',
  summary: 'List the browsers that are signed in by your credential',
  async run(context) {
    const sessions = await (await context.client()).sessions.list();
    if (context.json) return context.printJson({ sessions });
    if (sessions.length === 0) {
      context.print('No browser is signed in. Sign one in with: tabbify login');
      return;
    }
    const { paint } = context;
    const head = ['BROWSER', 'BY', 'SINCE', 'USED', 'UNTIL', 'ID'].map((text) => paint('dim', text));
    const rows = sessions.map(({ browser, by, started_at, used_at, expires_at, id }) => [
      paint('bold', printable(browser)),
      printable(by),
      ...[started_at, used_at, expires_at].map(localMoment),
      printable(id),
    ]);
    context.print(...tableLines([head, ...rows], columnsOf(context.io.stdout)));
  },
};
