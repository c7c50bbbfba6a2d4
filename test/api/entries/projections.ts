import type { Entry } from '../entry.ts';
import { until } from '../wait.ts';
import type { World } from '../world.ts';

/** They are away for a moment while they are built anew. */
export async function projectionsFollow({ asMachine }: World): Promise<void> {
  await until('the projections follow', async () => {
    const { json } = await asMachine('GET', '/v1/projections');
    return json.state === 'following' && json.position >= json.head;
  });
}

export const projectionEntries: readonly Entry[] = [
  { operation: 'GET /v1/projections', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  {
    operation: 'POST /v1/projections/rebuild',
    allowed: 'machine',
    call: () => ({}),
    status: 202,
    stranger: 'refused',
  },
  {
    operation: 'GET /v1/apps/{uuid}/dead-letters',
    allowed: 'read',
    async call(world, { app }) {
      await projectionsFollow(world);
      return { params: { uuid: app } };
    },
    status: 200,
    stranger: 'hidden',
  },
];
