import { type Consent, type Waiting, waitingLines } from '../approvals/consent.ts';
import type { DeploymentsClient } from '../client/deployments.ts';
import type { AppReply, DeploymentReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { interruptOf } from '../terminal/interrupt.ts';
import { printable } from '../terminal/style.ts';
import { followWithPersons } from './follow-with-persons.ts';
import { requireEverywhere, requireInPlace } from './outcome.ts';
import type { WorkBefore } from './progress.ts';
import { standInLines } from './stand-in-lines.ts';
import { deploymentProgress } from './start-progress.ts';

/** What is said of a deployment beside how it goes. */
export interface FollowingWords {
  readonly before: WorkBefore;
  /** The command that tries it again. */
  readonly again: string;
}

/** What `deploy` and `rollback` differ in. */
export interface Errand {
  /** What the person called the app. */
  readonly named: string;
  readonly words: (app: AppReply) => FollowingWords;
  readonly consent: Consent;
  /** Asks the office; for a deployment that is followed from later on, its id. */
  readonly ask: (deployments: DeploymentsClient, app: AppReply) => Promise<string>;
}

/**
 * Asks for a deployment, follows it to its end, and says where the app is then.
 *
 * @throws TabbifyError what the office refuses; `deployment_failed`, also when some of its hosts do not have it; `stopped`
 */
export async function deployAndFollow(
  context: Context,
  { named, words, consent, ask }: Errand,
): Promise<void> {
  const client = await context.client();
  const app = await client.findApp(named);
  await followAndTell(context, app, words(app), consent, () => ask(client.deployments, app));
}

/** Follows a deployment that is asked for, or goes on already, and says where the app is then. @throws as `deployAndFollow` */
export async function followAndTell(
  context: Context,
  { uuid, name, slug = name }: AppReply,
  { before, again }: FollowingWords,
  consent: Consent,
  start: () => Promise<string>,
): Promise<void> {
  using interrupt = interruptOf(context.io);
  const { signal } = interrupt;
  const attempt = { name: printable(slug), again: `push again, or deploy again: \`${again}\`` };
  const progress = await deploymentProgress(context, before);
  try {
    const id = await start();
    const connect = () => context.client({ anew: true });
    const { deployment, waiting } = await followWithPersons(id, { connect, progress, signal, consent });
    if (waiting !== null) {
      await progress.end('left');
      return tellWaiting(context, await (await context.client()).app(uuid), deployment, waiting);
    }
    await progress.end(deployment.phase === 'switched' ? 'done' : 'failed');
    requireInPlace(deployment, attempt);
    tell(context, await (await context.client()).app(uuid), deployment);
    requireEverywhere(deployment, attempt);
  } catch (error) {
    await progress.end(signal.aborted ? 'left' : 'failed');
    throw interrupt.explain(error);
  }
}

function tellWaiting(
  context: Context,
  { uuid, name, url, path_url }: AppReply,
  { id, version, phase, results }: DeploymentReply,
  waiting: Waiting,
): void {
  if (!context.json) {
    context.print(...waitingLines(context, { name, version }, waiting));
    return;
  }
  const { approval, who } = waiting;
  const deployed = { uuid, name, version, url, path_url, deployment_id: id, phase, results };
  context.printJson({ ...deployed, approval, waits_for: who || null });
}

function tell(context: Context, app: AppReply, { id, version, phase, results }: DeploymentReply): void {
  const { uuid, name, url, path_url } = app;
  if (context.json) {
    context.printJson({ uuid, name, version, url, path_url, deployment_id: id, phase, results });
    return;
  }
  const { paint } = context;
  const hosts = results.filter(({ success }) => success === true).map(({ supervisor }) => supervisor);
  const where = results.length > 1 ? ` on ${printable(hosts.join(', '))}` : '';
  context.print(
    `${paint('bold', printable(name))}  version ${version} is in place${where}`,
    `  ${paint(['bold', 'cyan'], url)}`,
    ...standInLines(results).map((line) => `${paint('yellow', 'warning')}  ${printable(line)}`),
  );
}
