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

/** A deployment that waits for its host, which says nothing: from then on nothing is appended unasked. @returns its id */
export async function deployingTo(world: Pick<World, 'asMachine'>, { slug, app }: OfAnApp): Promise<string> {
  const { json } = await world.asMachine('POST', `/v1/apps/${app}/deploy`, {}, slug);
  const id: string = json.deployment_id;
  await until('it is decided', () => letOn(world, slug, id));
  await until('a deployment is with its host', async () => {
    const { json: page } = await world.asMachine('GET', `/v1/apps/${app}/deployments`, undefined, slug);
    return page.deployments.some(({ phase }: { phase: string }) => phase === 'starting');
  });
  return id;
}
