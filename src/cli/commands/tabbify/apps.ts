import type { AppReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { columnsOf, visibleWidth } from '../../terminal/prose.ts';
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
    const table = tableOf(context, list);
    const fits = Math.max(...table.map(visibleWidth)) <= columnsOf(context.io.stdout);
    context.print(...(fits ? table : list.flatMap((app) => blockOf(context, app))));
  },
};

const COLOURS = { running: 'green', failed: 'red', crashed: 'red', starting: 'yellow' } as const;

/** The state, and how restarts go where they do not. */
function stateOf({ paint }: Context, app: AppReply): string {
  const { restart_status: restarts = 'running', restart_count: failures = 0 } = app;
  const trouble = restarts === 'running' ? '' : ` (${restarts}, ${failures}×)`;
  return paint(COLOURS[app.state as keyof typeof COLOURS] ?? 'reset', `${app.state}${trouble}`);
}

function tableOf(context: Context, list: readonly AppReply[]): string[] {
  const { paint } = context;
  const head = ['NAME', 'STATE', 'VERSION', 'RUNTIME', 'URL', 'UUID'].map((text) => paint('dim', text));
  const rows = list.map((app) => [
    paint('bold', printable(app.name)),
    stateOf(context, app),
    app.version === null ? '-' : String(app.version),
    app.runtime ?? '-',
    app.url,
    app.uuid,
  ]);
  return tableLines([head, ...rows]);
}

/** One app below another, for a terminal that is too narrow for the table. */
function blockOf(context: Context, app: AppReply): string[] {
  const { paint } = context;
  const version = app.version === null ? '' : `  version ${app.version}`;
  return [
    `${paint('bold', printable(app.name))}  ${stateOf(context, app)}${version}`,
    `  ${app.url}`,
    `  ${paint('dim', app.uuid)}`,
  ];
}
