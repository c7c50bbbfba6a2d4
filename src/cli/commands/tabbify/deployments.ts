import type { DeploymentReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { cancelCommand } from '../../deployments/cancel-command.ts';
import { phaseText, tookText, whyText } from '../../deployments/phase-text.ts';
import { showCommand } from '../../deployments/show-command.ts';
import { countOption } from '../../options.ts';
import { localMoment } from '../../terminal/local-time.ts';
import { columnsOf, visibleWidth } from '../../terminal/prose.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

export const deployments: CliCommand<{ readonly limit?: number }> = {
  usage: 'deployments <app>',
  summary:
    'List the deployments of an app, the newest first; `deployments show` tells more, `deployments cancel` calls one off',
  details: 'An app is named by its name or its uuid.\nExample: tabbify deployments shop',
  options: [
    { flags: '--limit <count>', summary: 'how many (default 20)', parse: countOption('--limit', 200) },
  ],
  commands: [showCommand, cancelCommand] as readonly CliCommand[],
  async run(context, [name = ''], { limit = 20 }) {
    const client = await context.client();
    const app = await client.findApp(name);
    const list = await client.deployments.list(app.uuid, Math.max(limit, 1));
    if (context.json) return context.printJson({ deployments: list });
    if (list.length === 0) {
      context.print(
        `${printable(app.name)} was never deployed. Deploy it: \`tabbify deploy ${app.slug ?? app.uuid}\`.`,
      );
      return;
    }
    const table = tableOf(context, list);
    const fits = Math.max(...table.map(visibleWidth)) <= columnsOf(context.io.stdout);
    context.print(...(fits ? table : list.flatMap((deployment) => blockOf(context, deployment))));
  },
};

function tableOf(context: Context, list: readonly DeploymentReply[]): string[] {
  const head = ['PHASE', 'VERSION', 'WHEN', 'TOOK', 'ON', 'BY', 'ID', 'WHY'];
  const rows = list.map((deployment) => [
    phaseText(context, deployment),
    String(deployment.version),
    localMoment(deployment.requested_at),
    tookText(deployment),
    hostsText(deployment) || '-',
    printable(deployment.requested_by),
    deployment.id,
    printable(whyText(deployment)),
  ]);
  return tableLines([head.map((text) => context.paint('dim', text)), ...rows]);
}

/** One below another, for a terminal that is too narrow for the table. */
function blockOf(context: Context, deployment: DeploymentReply): string[] {
  const { paint } = context;
  const hosts = hostsText(deployment);
  const why = whyText(deployment);
  const took = deployment.finished_at === null ? '' : `, took ${tookText(deployment)}`;
  return [
    `${phaseText(context, deployment)}  version ${deployment.version}${hosts === '' ? '' : `  on ${hosts}`}`,
    `  ${localMoment(deployment.requested_at)} by ${printable(deployment.requested_by)}${took}`,
    ...(why === '' ? [] : [`  ${printable(why)}`]),
    `  ${paint('dim', deployment.id)}`,
  ];
}

/** The hosts it goes to; those that do not have it are named as that. */
function hostsText({ results }: DeploymentReply): string {
  const names = results.map(
    ({ supervisor, success }) => `${supervisor}${success === false ? ' (failed)' : ''}`,
  );
  return printable(names.join(', '));
}
