import type { CliCommand } from '../command.ts';
import { deploymentId } from './deployment-id.ts';

export const cancelCommand: CliCommand = {
  usage: 'cancel <id>',
  summary: 'Call a deployment off; what was in place before stays, or comes back',
  details:
    'The id is shown by `tabbify deployments <app>`. A build under way is given up; one that has ended is left as it is.',
  async run(context, [id = '']) {
    const { deployments } = await context.client();
    const cancelled = await deployments.cancel(deploymentId(id));
    if (context.json) return context.printJson(cancelled);
    context.print(`Called off the deployment of version ${cancelled.version}.`);
  },
};
