import { consentOf } from '../approvals/consent.ts';
import type { DeploymentReply, TargetResultReply } from '../client/replies.ts';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { runtimeLine } from '../hosts/runtime-line.ts';
import { localMoment } from '../terminal/local-time.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import { followAndTell } from './deploy-and-follow.ts';
import { deploymentId } from './deployment-id.ts';
import { deployCommand } from './on-option.ts';
import { phaseText, tookText } from './phase-text.ts';
import { standInLines } from './stand-in-lines.ts';

export const showCommand: CliCommand<{ readonly follow?: boolean }> = {
  usage: 'show <id>',
  summary: 'Show how a deployment went on each of its hosts, or follow it',
  details:
    'The id is shown by `tabbify deployments <app>`. With --follow it ends as `tabbify deploy` does: exit code 0 only when every host has the version.',
  options: [{ flags: '-f, --follow', summary: 'show its progress until it has ended' }],
  async run(context, [id = ''], { follow = false }) {
    const client = await context.client();
    const deployment = await client.deployments.show(deploymentId(id));
    const app = await client.app(deployment.app);
    if (follow) {
      const text = `Following the deployment of ${printable(app.name)}`;
      const words = { before: { doing: text, done: text }, again: deployCommand(app.slug ?? app.name) };
      return followAndTell(context, app, words, consentOf(context), async () => deployment.id);
    }
    if (context.json) return context.printJson(deployment);
    context.print(...linesOf(context, app.name, deployment));
    for (const line of deployment.log_tail) context.printRaw(`  ${printable(line)}`);
  },
};

function linesOf(context: Context, app: string, deployment: DeploymentReply): string[] {
  const { paint } = context;
  const { stage, reason, results, log_tail: tail } = deployment;
  const facts: [string, string][] = [
    ['id', deployment.id],
    ['asked for', `${localMoment(deployment.requested_at)} by ${printable(deployment.requested_by)}`],
    ['took', tookText(deployment)],
    ...(reason === null
      ? []
      : printable(reason)
          .split('\n')
          .map((line, index): [string, string] => {
            const name = stage === null ? 'why' : `why (${stage})`;
            return [index === 0 ? name : '', line];
          })),
  ];
  const columns = columnsOf(context.io.stdout);
  const head = ['HOST', 'RUNTIME', 'RESULT'].map((text) => paint('dim', text));
  const rows = results.map((result) => [
    `  ${printable(result.supervisor)}`,
    printable(result.runtime),
    resultText(context, deployment, result),
  ]);
  return [
    `${paint('bold', printable(app))}  version ${deployment.version}  ${phaseText(context, deployment)}`,
    ...tableLines(
      facts.map(([name, text]) => [`  ${paint('dim', name)}`, text]),
      columns,
    ),
    ...(rows.length === 0 ? [] : tableLines([[`  ${head[0]}`, ...head.slice(1)], ...rows], columns)),
    ...tableLines(
      results.flatMap(wallRow).map(([name, text]) => [`  ${paint('dim', name)}`, text]),
      columns,
    ),
    ...standInLines(results).map((line) => `  ${printable(line)}`),
    ...(tail.length === 0 ? [] : [paint('dim', '  The last lines of the app:')]),
  ];
}

/** What held it there, as its host said then. */
function wallRow({ supervisor, runtime: kind, wall }: TargetResultReply): [string, string][] {
  return wall == null ? [] : [['walls', printable(`${runtimeLine({ kind, ...wall })}, on ${supervisor}`)]];
}

function resultText(
  { paint }: Context,
  { finished_at }: DeploymentReply,
  { success, error = 'no reason was given' }: DeploymentReply['results'][number],
): string {
  if (success === true) return paint('green', 'has it');
  if (success === false) return paint('red', `failed: ${printable(error)}`);
  return finished_at === null ? paint('yellow', 'has not answered yet') : 'did not have to answer';
}
