import type { Entry } from './entry.ts';
import type { Operation } from './operation.ts';
import { send } from './shot.ts';
import type { World } from './world.ts';

/**
 * What is wrong with what a valid mutation leaves behind: every one appends an event that says who did it and in which
 * office (CONTRACTS §6).
 */
export async function mutationFailures(world: World, operation: Operation, entry: Entry): Promise<string[]> {
  const { url, a, log, events } = world;
  const { token, actor, office } = callerOf(world, entry);
  const shot = await entry.call(world, a);
  const before = await log.head();
  const answer = await send(url, operation, shot, token, { asker: a });
  if (answer.status !== entry.status) return [`the valid call is answered ${answer.status}: ${answer.text}`];
  const tenant = entry.tenant?.(shot) ?? office;
  const said = (await events()).filter(
    ({ position, actor: by, type }) => position > before && by === actor && type !== 'request_refused',
  );
  if (entry.appendsNothing !== undefined) {
    return said.length === 0 ? [] : ['it appends an event: take `appendsNothing` out of its entry'];
  }
  if (said.length === 0) {
    return [`it changes something and appends no event of ${actor}: append one, or say in its entry why not`];
  }
  return said
    .filter((event) => event.tenant !== tenant)
    .map((event) => `${event.type} is of the office ${event.tenant} instead of ${tenant}`);
}

function callerOf({ a, machine, host }: World, { allowed }: Entry) {
  if (allowed === 'machine') return { token: machine, actor: 'user:owner', office: 'default' };
  if (allowed === 'host') return { token: host.token, actor: `supervisor:${host.name}`, office: 'default' };
  return { token: a.tokens.owner, actor: a.actors.owner, office: a.slug };
}
