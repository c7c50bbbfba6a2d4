import { waitingHints } from '../../approvals/waiting-hints.ts';
import { appLines } from '../../apps/app-lines.ts';
import { isAlikeEverywhere, runtimeText, stateText } from '../../apps/app-state.ts';
import type { AppInstanceReply, AppReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { hostsOf } from '../../life-cycle/hosts-of.ts';
import { columnsOf, visibleWidth } from '../../terminal/prose.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

export const apps: CliCommand = {
  usage: 'apps [app]',
  summary: 'List the apps of the office, where they run and where they answer; or show one of them',
  details:
    'An app is named by its name or its uuid. Where an app does not do the same on each of its hosts, a line for each host follows.\nExample: tabbify apps shop',
  async run(context, [named]) {
    const client = await context.client();
    if (named !== undefined) {
      const app = await client.findApp(named);
      if (context.json) return context.printJson(app);
      context.print(...appLines(context, app), ...waitingHints([app]));
      return;
    }
    const list = await client.apps();
    if (context.json) return context.printJson({ apps: list });
    if (list.length === 0) {
      context.print(
        'The office has no apps yet. Push one: `tcli push <dir>`, or describe one: `tabbify chat "a page for my bakery"`.',
      );
      return;
    }
    const table = tableOf(context, list);
    const fits = Math.max(...table.map(visibleWidth)) <= columnsOf(context.io.stdout);
    context.print(...(fits ? table : list.flatMap((app) => blockOf(context, app))), ...waitingHints(list));
  },
};

function tableOf(context: Context, list: readonly AppReply[]): string[] {
  const { paint } = context;
  const head = ['NAME', 'STATE', 'VERSION', 'RUNTIME', 'ON', 'URL', 'UUID'].map((text) => paint('dim', text));
  const rows = list.flatMap((app) => [
    [
      paint('bold', printable(app.name)),
      stateText(context, app, app.restart_count ?? 0),
      app.version === null ? '-' : String(app.version),
      runtimeText(app),
      printable(hostsOf(app).join(', ')) || '-',
      app.url,
      app.uuid,
    ],
    ...differing(app).map((instance) => [
      '',
      stateText(context, instance, null),
      String(instance.version),
      instance.runtime,
      printable(instance.supervisor),
      instance.in_rotation ? '' : paint('yellow', NO_VISITORS),
    ]),
  ]);
  return tableLines([head, ...rows]);
}

const NO_VISITORS = 'gets no visitors';

/** One app below another, for a terminal that is too narrow for the table. */
function blockOf(context: Context, app: AppReply): string[] {
  const { paint } = context;
  const version = app.version === null ? '' : `  version ${app.version}`;
  const hosts = hostsOf(app);
  const on = hosts.length === 0 ? '' : `  on ${printable(hosts.join(', '))}`;
  return [
    `${paint('bold', printable(app.name))}  ${stateText(context, app, app.restart_count ?? 0)}${version}${on}`,
    ...differing(app).map(
      (instance) =>
        `  ${printable(instance.supervisor)}  ${stateText(context, instance, null)}  version ${instance.version}${instance.in_rotation ? '' : `  ${paint('yellow', NO_VISITORS)}`}`,
    ),
    `  ${app.url}`,
    `  ${paint('dim', app.uuid)}`,
  ];
}

function differing(app: AppReply): readonly AppInstanceReply[] {
  return isAlikeEverywhere(app) ? [] : app.instances;
}
