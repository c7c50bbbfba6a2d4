import type { VersionReply } from '../../client/versions.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { countOption } from '../../options.ts';
import { localMoment } from '../../terminal/local-time.ts';
import { printable } from '../../terminal/style.ts';
import { sizeText, tableLines } from '../../terminal/table.ts';
import { diffCommand } from '../../versions/diff-command.ts';
import { removeCommand } from '../../versions/remove-command.ts';
import { showCommand } from '../../versions/show-command.ts';

export const versions: CliCommand<{ readonly limit?: number }> = {
  usage: 'versions <app>',
  summary:
    'List the versions of an app, the newest first; `versions show` lists its files, `versions diff` compares two, `versions remove` makes room',
  details: 'An app is named by its name or its uuid.\nExample: tabbify versions shop',
  options: [
    { flags: '--limit <count>', summary: 'how many (default 20)', parse: countOption('--limit', 200) },
  ],
  commands: [showCommand, diffCommand, removeCommand] as readonly CliCommand[],
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
      printable(version.runtime ?? 'static files'),
      String(version.files),
      sizeText(version.bytes),
      stateText(context, version, app.version),
    ]);
    context.print(...tableLines([head.map((text) => paint('dim', text)), ...rows]));
  },
};

function stateText(
  { paint }: Context,
  { version, removed_at: removed }: VersionReply,
  inPlace: number | null,
): string {
  if (version === inPlace) return paint('green', 'in place');
  return typeof removed === 'string' ? paint('dim', `removed ${localMoment(removed)}`) : '';
}
