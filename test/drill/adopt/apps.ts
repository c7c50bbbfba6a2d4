import { expectKept } from '../drill.ts';
import { tinyApp } from '../kill/publisher.ts';
import { sayYes } from '../kill/say-yes.ts';
import type { Site } from '../kill/site.ts';
import { uuidOf } from '../kill/writer.ts';
import type { Random } from '../random.ts';
import { until } from '../until.ts';

export type Lifecycle = 'always_on' | 'on_request';

/** An app of the office under test. */
export interface DrillApp {
  readonly name: string;
  readonly id: string;
  readonly lifecycle: Lifecycle;
}

/** Publishes an app in two versions and deploys the first. */
export async function publishApp(
  site: Site,
  name: string,
  lifecycle: Lifecycle,
  random: Random,
): Promise<DrillApp> {
  const app = { name, id: uuidOf(random), lifecycle };
  for (const mark of [1, 2]) {
    const body = await tinyApp(app.id, name, mark, `lifecycle = "${lifecycle}"\n`);
    const headers = { 'content-type': 'application/gzip', 'idempotency-key': uuidOf(random) };
    const pushed = await site.call(`/v1/apps/${app.id}/versions`, { method: 'POST', headers, body });
    expectKept(pushed.status === 201, () => `push of ${name}: ${pushed.status} ${pushed.text}`);
  }
  await deployApp(site, app, 1, random);
  return app;
}

/** Resolves when the deployment has ended well. */
export async function deployApp(
  site: Site,
  { id: app, name }: DrillApp,
  version: number,
  random: Random,
): Promise<void> {
  const deployed = await site.call(`/v1/apps/${app}/deploy`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': uuidOf(random) },
    body: JSON.stringify({ version }),
  });
  expectKept(deployed.status === 202, () => `deploy of ${name}: ${deployed.status} ${deployed.text}`);
  const { deployment_id: id } = JSON.parse(deployed.text) as { deployment_id: string };
  await sayYes(site, id);
  let last = '';
  const hasEnded = async () => {
    last = (await site.call(`/v1/deployments/${id}`)).text;
    return ['switched', 'failed', 'cancelled', 'superseded'].includes((JSON.parse(last) as Phase).phase);
  };
  await until(`the deployment of ${name} ends`, hasEnded, DEPLOYED_MS);
  expectKept((JSON.parse(last) as Phase).phase === 'switched', () => `the deployment of ${name}: ${last}`);
}

interface Phase {
  readonly phase: string;
}

/** As long as a supervisor may be dead, and some starts. */
const DEPLOYED_MS = 60_000;
