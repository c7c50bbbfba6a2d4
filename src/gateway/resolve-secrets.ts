import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { Clock, TabbifyError } from '../kit/index.ts';
import {
  createSpawnIds,
  PLATFORM,
  type SecretStore,
  SPAWN_LIFE_MS,
  type SpawnIds,
} from '../secrets/index.ts';
import { type AllowanceBounds, createAllowance } from './allowance.ts';
import { gatewayError } from './errors.ts';
import type { NodeClient, PlacedSpawn } from './node-client.ts';
import type { Secrets } from './open-secrets.ts';
import { bodyOf, read, shownBy } from './read-request.ts';

/** As a manifest may name them (CONTRACTS §4); an app declares a handful. */
const names = z
  .array(z.string().regex(/^(?:platform\/)?[A-Za-z0-9][\w.-]{0,127}$/))
  .min(1)
  .max(256);
const question = z.object({
  tenant: z.string().max(63),
  app_uuid: z.uuid(),
  spawn_id: z.uuid(),
  names,
  /** Which is started; without it whatever the log has placed there. */
  generation: z.int().optional(),
});
type Question = z.infer<typeof question>;

/** A host that comes back with all of its apps asks once for each; what asks without end is in a loop, or steals. */
const BOUNDS: AllowanceBounds = { burst: 300, perSecond: 20 };

export interface ResolveTools {
  readonly secrets: Secrets;
  readonly node: NodeClient;
  readonly clock: Clock;
}

/**
 * `POST /secrets/resolve`: the values that an app is started with (CONTRACTS §10). The node says whether the supervisor that asks is to
 * start that very app, and which names its granted bundle declares; each start is answered once. What goes out is written to the audit
 * first, and so is what was refused.
 */
export function resolveRoutes({ secrets, node, clock }: ResolveTools): Hono {
  const routes = new Hono();
  const mayAsk = createAllowance(BOUNDS, clock);
  let ids: Promise<SpawnIds> | null = null;

  /** Also knows the ids that a gateway before this one has let through. */
  function spawnIds(store: SecretStore): Promise<SpawnIds> {
    ids ??= usedSpawns(store, clock.now()).then((used) => createSpawnIds(clock, used));
    ids.catch(() => {
      ids = null;
    });
    return ids;
  }

  routes.post('/', async (c: Context) => {
    const asked = read(question, await bodyOf(c));
    const { app_uuid: app, spawn_id, generation } = asked;
    const placed = await node.placedSpawn(shownBy(c), {
      ...{ app, spawn_id },
      ...(generation === undefined ? {} : { generation }),
    });
    if (!mayAsk(placed.supervisor)) throw tooMany(placed.supervisor);
    const store = await secrets.store();
    (await spawnIds(store)).use(spawn_id);
    const why = whyNot(asked, placed);
    if (why !== null) {
      await store.refused(placed.office, asked.names, placed.actor, `${purposeOf(asked, placed)}: ${why}`);
      throw gatewayError('secret_not_granted', {
        what: 'No secret was given out',
        why,
        hint: 'An app gets what its version declares under [[secrets]] and a person has granted: `tabbify approvals`',
      });
    }
    const found = await store.reveal(placed.office, asked.names, placed.actor, purposeOf(asked, placed));
    const revealed = [...found];
    const answer = {
      secrets: Object.fromEntries(revealed.map(([name, { value }]) => [name, value.toString('base64')])),
      kinds: Object.fromEntries(revealed.map(([name, { kind }]) => [name, kind])),
      missing: [...new Set(asked.names)].filter((name) => !found.has(name)),
    };
    for (const { value } of found.values()) value.fill(0);
    return c.json(answer);
  });
  return routes;
}

/** Null: all of it may be given out. */
function whyNot({ tenant, names: asked }: Question, { office, secrets }: PlacedSpawn): string | null {
  if (tenant !== office) return `the app does not belong to the office ${tenant}`;
  const declared = new Set(secrets);
  const other = asked.find((name) => name.startsWith(PLATFORM) || !declared.has(name));
  return other === undefined ? null : `${other} is not among the secrets that the app is granted`;
}

function purposeOf({ app_uuid: app, spawn_id }: Question, { version, generation }: PlacedSpawn): string {
  return `start of app ${app}, version ${version}, generation ${generation}, spawn ${spawn_id}`;
}

async function usedSpawns(store: SecretStore, now: number): Promise<string[]> {
  const lines = await store.audit.since(now - 2 * SPAWN_LIFE_MS);
  return lines.flatMap(({ purpose }) => /, spawn ([0-9a-f-]{36})/.exec(purpose)?.[1] ?? []);
}

function tooMany(supervisor: string): TabbifyError {
  return gatewayError('too_many_resolves', {
    what: `The supervisor '${supervisor}' asks for secrets too often`,
    why: `it may do so ${BOUNDS.perSecond} times a second`,
    hint: 'It tries again by itself; look for an app that is started again and again',
  });
}
