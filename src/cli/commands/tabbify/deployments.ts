import type { DeploymentReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { cancelCommand } from '../../deployments/cancel-command.ts';
import { countOption } from '../../options.ts';
import { localMoment } from '../../terminal/local-time.ts';
import { columnsOf } from '../../terminal/prose.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

export const deployments: CliCommand<{ readonly limit?: number }> = {
  usage: 'deployments <app>',
  summary: 'List the deployments of an app, the newest first; `deployments cancel` calls one off',
  details: 'An app is named by its name or its uuid.\nExample: tabbify deployments shop',
  options: [
    { flags: '--limit <count>', summary: 'how many (default 20)', parse: countOption('--limit', 200) },
  ],
  commands: [cancelCommand] as readonly CliCommand[],
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
    const { paint } = context;
    const head = ['PHASE', 'VERSION', 'WHEN', 'TOOK', 'BY', 'ID', 'WHY'].map((text) => paint('dim', text));
    const rows = list.map((deployment) => [
      phaseOf(context, deployment),
      String(deployment.version),
      localMoment(deployment.requested_at),
      durationOf(deployment),
      printable(deployment.requested_by),
      deployment.id,
      printable(whyOf(deployment)),
    ]);
    context.print(...tableLines([head, ...rows], columnsOf(context.io.stdout)));
  },
};

const COLOURS = { switched: 'green', failed: 'red', cancelled: 'dim', superseded: 'dim' } as const;

function phaseOf({ paint }: Context, { phase }: DeploymentReply): string {
  return paint(COLOURS[phase as keyof typeof COLOURS] ?? 'yellow', printable(phase));
}

/** From the request to the end; of one that goes on, nothing. */
function durationOf({ requested_at: from, finished_at: to }: DeploymentReply): string {
  if (to === null) return '-';
  const ms = Math.max(0, Date.parse(to) - Date.parse(from));
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function whyOf({ phase, stage, reason }: DeploymentReply): string {
  if (reason === null) return '';
  return phase === 'failed' && stage !== null ? `${stage}: ${reason}` : reason;
}
