import { newId } from '../../src/kit/index.ts';
import type { StoredEvent } from '../../src/log/index.ts';
import type { Entry } from './entry.ts';
import { hostsStatus, strangersStatus } from './expected.ts';
import { HOST_ASKER } from './host.ts';
import { WHO, type Who } from './office.ts';
import { isMutation, type Operation } from './operation.ts';
import { type Answer, type Shot, send } from './shot.ts';
import type { World } from './world.ts';

/** Those of the other office who try the header Tabbify-Office. */
const PICKERS: ReadonlySet<Who> = new Set<Who>(['owner', 'agent', 'app']);

/** What is wrong with how strangers to the first office are answered; empty when nothing is. */
export async function strangerFailures(world: World, operation: Operation, entry: Entry): Promise<string[]> {
  const { url, a, b, otherHost } = world;
  const shot = await entry.call(world, a);
  const before = await innards(world, operation);
  const failures: string[] = [];
  const look = (who: string, answer: Answer, status: number) => {
    if (answer.status !== status)
      failures.push(`${who} is answered ${answer.status} instead of ${status}: ${answer.text}`);
    if (answer.status >= 400 && !answer.type.startsWith('application/problem+json'))
      failures.push(`${who} is refused without a problem`);
    for (const canary of seen(world, shot, answer))
      failures.push(`${who} is told "${canary}": ${answer.text}`);
  };

  for (const who of WHO) {
    const status = strangersStatus(entry, b, who);
    look(`the other office’s ${who}`, await send(url, operation, shot, b.tokens[who], { asker: b }), status);
    if (entry.allowed === 'everybody' || !PICKERS.has(who)) continue;
    const picking = (office: string) =>
      send(url, operation, shot, b.tokens[who], { asker: b, headers: { 'tabbify-office': office } });
    const [picked, nowhere] = await Promise.all([picking(a.slug), picking('no-such-office')]);
    look(`the other office’s ${who} who picks this office`, picked, 403);
    if (nowhere.text !== picked.text)
      failures.push(`${who} is told whether an office exists: ${picked.text}`);
  }
  look(
    'another host',
    await send(url, operation, shot, otherHost.token, { asker: HOST_ASKER }),
    hostsStatus(entry, false),
  );
  failures.push(...(await twinFailures(world, operation, entry, shot)));
  failures.push(
    ...changes(
      before,
      await innards(world, operation),
      new Set([...Object.values(b.actors), 'supervisor:two']),
    ),
  );
  return failures;
}

/** What is wrong with how the call is answered without a credential. */
export async function anonymousFailures(world: World, operation: Operation, entry: Entry): Promise<string[]> {
  const shot = await entry.call(world, world.a);
  const head = await world.log.head();
  const answer = await send(world.url, operation, shot, null, { asker: world.a });
  const status = entry.allowed === 'everybody' ? entry.status : 401;
  return [
    ...(answer.status === status
      ? []
      : [`nobody is answered ${answer.status} instead of ${status}: ${answer.text}`]),
    ...seen(world, shot, answer).map((canary) => `nobody is told "${canary}"`),
    ...((await world.log.head()) === head ? [] : ['what nobody asked for was appended']),
  ];
}

/** What is another's and what does not exist are told apart by nothing. */
async function twinFailures(world: World, operation: Operation, entry: Entry, shot: Shot): Promise<string[]> {
  if (entry.stranger !== 'hidden' || entry.noTwin !== undefined) return [];
  const { params = {} } = shot;
  const twin = {
    ...shot,
    params: Object.fromEntries(Object.keys(params).map((name) => [name, nobodys(name)])),
  };
  const [theirs, nothing] = await Promise.all(
    [shot, twin].map(async (each) => {
      const { status, text } = await send(world.url, operation, each, world.b.tokens.owner);
      return Object.values(each.params ?? {}).reduce(
        (told, id) => told.replaceAll(id, '<id>'),
        `${status} ${text}`,
      );
    }),
  );
  return theirs === nothing ? [] : [`"not yours" and "does not exist" differ: ${theirs} | ${nothing}`];
}

/** An id of the right form that nothing has. */
function nobodys(param: string): string {
  if (param === 'n') return '1'; // numbers of versions are the same everywhere
  return param === 'digest' ? `sha256:${newId().replaceAll('-', '').repeat(2)}` : newId();
}

/** Canaries in an answer that the asker did not bring along himself. */
function seen({ a }: World, { params, query, json }: Shot, { text }: Answer): string[] {
  const brought = JSON.stringify([params, query, json]);
  return a.canaries.filter((canary) => text.includes(canary) && !brought.includes(canary));
}

interface Innards {
  readonly events: readonly StoredEvent[];
  readonly state: string;
}

/** All that there is of the first office; what only reads is asked for the events alone, of which the state is made. */
async function innards({ a, asMachine, events }: World, operation: Operation): Promise<Innards> {
  if (!isMutation(operation)) return { events: await events(a.slug), state: '' };
  const { position: _, ...state } = (await asMachine('GET', '/v1/state', undefined, a.slug)).json;
  return { events: await events(a.slug), state: JSON.stringify(state) };
}

/** @param strangers actors whose refusals may have been written down, where they belong to this office (hosts do) */
function changes(before: Innards, after: Innards, strangers: ReadonlySet<string>): string[] {
  const added = after.events.slice(before.events.length);
  const kept = after.events.slice(0, before.events.length);
  return [
    ...(before.state === after.state ? [] : ['the state of this office changed']),
    ...(JSON.stringify(before.events) === JSON.stringify(kept) ? [] : ['events of this office changed']),
    ...added
      .filter(({ type, actor }) => type !== 'request_refused' || !strangers.has(actor))
      .map(({ type, actor }) => `${type} of ${actor} was appended to this office`),
  ];
}
