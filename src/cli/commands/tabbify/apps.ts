import type { CliCommand } from '../../command.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

export const apps: CliCommand = {
  usage: 'apps',
  summary: 'List the apps of the office and where they answer',
  async run(context) {
    const list = await (await context.client()).apps();
    if (context.json) return context.printJson({ apps: list });
    if (list.length === 0) {
      context.print(
        'The office has no apps yet. Push one: `tcli push <dir>`, or describe one: `tabbify chat "a page for my bakery"`.',
      );
      return;
    }
    const { paint } = context;
    const head = ['NAME', 'STATE', 'VERSION', 'RUNTIME', 'URL', 'UUID'].map((text) => paint('dim', text));
    const colours = { running: 'green', failed: 'red', crashed: 'red', starting: 'yellow' } as const;
    const rows = list.map((app) => [
      paint('bold', printable(app.name)),
      paint(colours[app.state as keyof typeof colours] ?? 'reset', app.state),
      app.version === null ? '-' : String(app.version),
      app.runtime ?? '-',
      app.url,
      app.uuid,
    ]);
    context.print(...tableLines([head, ...rows]));
  },
};
