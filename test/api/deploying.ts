import type { Office } from './office.ts';
import { until } from './wait.ts';
import type { World } from './world.ts';

type OfAnApp = Pick<Office, 'slug' | 'app'>;

/** Says yes to what a deployment waits for, if it waits, as the owner of the machine. @returns is it past that? */
export async function letOn(
  { asMachine }: Pick<World, 'asMachine'>,
  slug: string,
  id: string,
): Promise<boolean> {
  const { phase, approval } = (await asMachine('GET', `/v1/deployments/${id}`, undefined, slug)).json;
  if (phase === 'requested') return false;
  if (phase !== 'awaiting_approval') return true;
  const { difference } = (await asMachine('GET', `/v1/approvals/${approval}`, undefined, slug)).json;
  await asMachine('POST', `/v1/approvals/${approval}/approve`, { difference }, slug);
  return true;
}

/**
 * Asks for a deployment, and waits until one of the app's is with its host, which says nothing: from then on nothing is appended
 * unasked. @returns the id of the one asked for
 */
export async function deployingTo(world: Pick<World, 'asMachine'>, { slug, app }: OfAnApp): Promise<string> {
  const { json } = await world.asMachine('POST', `/v1/apps/${app}/deploy`, {}, slug);
  const id: string = json.deployment_id;
  await until('a deployment is with its host', async () => {
    await letOn(world, slug, id);
    return (await phases(world, { slug, app })).some(({ phase }) => phase === 'starting');
  });
  return id;
}

/** As `deployingTo`, after calling off what is under way: the one asked for is decided on. */
export async function deployingAnew(world: Pick<World, 'asMachine'>, office: OfAnApp): Promise<string> {
  for (const { id, finished_at: end } of await phases(world, office)) {
    if (end === null) await world.asMachine('DELETE', `/v1/deployments/${id}`, undefined, office.slug);
  }
  return deployingTo(world, office);
}

async function phases({ asMachine }: Pick<World, 'asMachine'>, { slug, app }: OfAnApp) {
  const { json } = await asMachine('GET', `/v1/apps/${app}/deployments?limit=200`, undefined, slug);
  return json.deployments as {
    readonly id: string;
    readonly phase: string;
    readonly finished_at: string | null;
  }[];
}
