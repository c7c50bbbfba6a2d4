import type { CliCommand } from '../../command.ts';
import { countOption } from '../../options.ts';
import { localMoment } from '../../terminal/local-time.ts';
import { printable } from '../../terminal/style.ts';
import { sizeText, tableLines } from '../../terminal/table.ts';
import { diffCommand } from '../../versions/diff-command.ts';
import { showCommand } from '../../versions/show-command.ts';

export const versions: CliCommand<{ readonly limit?: number }> = {
  usage: 'versions <app>',
  summary:
    'List the versions of an app, the newest first; `versions show` lists its files, `versions diff` compares two',
  details: 'An app is named by its name or its uuid.\nExample: tabbify versions shop',
  options: [
    { flags: '--limit <count>', summary: 'how many (default 20)', parse: countOption('--limit', 200) },
  ],
  commands: [showCommand, diffCommand] as readonly CliCommand[],
  async run(context, [name = ''], { limit = 20 }) {
    const client = await context.client();
    const app = await client.findApp(name);
    const list = await client.versions.list(app.uuid, Math.max(limit, 1));
    if (context.json) return context.printJson({ versions: list });
    if (list.length === 0) {
      context.print(`${printable(app.name)} has no version yet. Push one: \`tcli push <dir>\`.`);
      return;
    }
    const { paint } = context;
    const head = ['VERSION', 'WHEN', 'BY', 'RUNTIME', 'FILES', 'SIZE', ''];
    const rows = list.map((version) => [
      String(version.version),
      localMoment(version.published_at),
      printable(version.published_by),
      printable(version.runtime),
      String(version.files),
      sizeText(version.bytes),
      version.version === app.version ? paint('green', 'in place') : '',
    ]);
    context.print(...tableLines([head.map((text) => paint('dim', text)), ...rows]));
  },
};
