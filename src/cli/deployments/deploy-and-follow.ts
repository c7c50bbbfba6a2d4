import type { DeploymentsClient } from '../client/deployments.ts';
import type { AppReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { followDeployment } from '../push/follow-deployment.ts';
import { interruptOf } from '../terminal/interrupt.ts';
import { printable } from '../terminal/style.ts';

/**
 * Asks for a deployment and follows it until the version is in place.
 *
 * @param doing what is going on, in words: `Deploying shop`
 * @throws TabbifyError what the office refuses; `deployment_failed`
 */
export async function deployAndFollow(
  context: Context,
  appName: string,
  doing: (app: AppReply) => string,
  ask: (deployments: DeploymentsClient, app: AppReply) => Promise<string>,
): Promise<void> {
  const client = await context.client();
  const before = await client.findApp(appName);
  using interrupt = interruptOf(context.io);
  const progress = context.progress(printable(doing(before)));
  try {
    const id = await ask(client.deployments, before);
    await followDeployment(client, id, (text) => progress.step(printable(text)), interrupt.signal);
    const app = await client.app(before.uuid);
    progress.done('Deployed');
    if (context.json) {
      const { uuid, name, version, url, path_url } = app;
      return context.printJson({ uuid, name, version, url, path_url, deployment_id: id });
    }
    context.print(
      `${context.paint('bold', printable(app.name))}  version ${app.version} is in place`,
      `  ${context.paint(['bold', 'cyan'], app.url)}`,
    );
  } catch (error) {
    progress.fail(`${printable(doing(before))} failed`);
    throw interrupt.signal.aborted ? interrupt.signal.reason : error;
  }
}
