import { get } from '../../e2e/get.ts';
import { expectKept } from '../drill.ts';
import type { Random } from '../random.ts';
import type { SeenEvent } from './follower.ts';
import type { Ledger } from './ledger.ts';
import type { Site } from './site.ts';
import { DRILL_SEGMENTS, DRILL_TYPES } from './writer.ts';

interface Page {
  readonly events: readonly SeenEvent[];
  readonly next: number | null;
  readonly head: number;
}

/** One side that asks for filtered pages, in both directions: each holds what was promised before it was asked, and nothing else. */
export async function search(
  site: Site,
  ledger: Ledger,
  random: Random,
  stopped: () => boolean,
): Promise<void> {
  while (!stopped()) {
    const segment = random.pick(DRILL_SEGMENTS);
    const type = random.pick(DRILL_TYPES);
    const newest = random.int(0, 1) === 1;
    const known = [...ledger.promised].slice(-50);
    const query = new URLSearchParams({ segment, type, limit: '100', ...(newest && { order: 'newest' }) });
    const answer = await site.call(`/v1/events?${query}`);
    expectKept(answer.status === 200, () => `search: ${answer.status} ${answer.text}`);
    const page = JSON.parse(answer.text) as Page;
    const positions = page.events.map(({ position }) => position);
    const ordered = positions.every((position, index) => {
      const before = positions[index - 1];
      return before === undefined || (newest ? position < before : position > before);
    });
    expectKept(ordered, () => `a page is not in order: ${positions}`);
    const strange = page.events.find((event) => event.segment !== segment || event.type !== type);
    expectKept(
      strange === undefined,
      () => `asked for ${type} on ${segment}, got ${JSON.stringify(strange)}`,
    );
    expectKept(
      known.every(([, { position }]) => position <= page.head),
      `the head ${page.head} is behind what was acknowledged before`,
    );
  }
}

/** Words that stand in one event alone, and its position. */
export type Words = ReadonlyMap<string, number>;

/** One side that looks for words: an event that was told of and searched is found, alone, where it was told of. */
export async function searchWords(
  site: Site,
  words: Words,
  random: Random,
  stopped: () => boolean,
): Promise<void> {
  while (!stopped()) await findOne(site, words, random);
}

/** @returns whether the search had come as far as the event */
export async function findOne(site: Site, words: Words, random: Random): Promise<boolean> {
  const [word, position] =
    words.size > 0 ? random.pick([...words]) : ['nobodysaidthis', Number.POSITIVE_INFINITY];
  const answer = await site.call(`/v1/events?q=${word}`);
  if (answer.status === 503) return false; // it is built anew
  expectKept(answer.status === 200, () => `a search is answered ${answer.status}: ${answer.text}`);
  const { events, searched_to: to } = JSON.parse(answer.text) as Page & { searched_to: number };
  const found = events.map((event) => event.position);
  expectKept(
    found.length === 0 || found.join() === `${position}`,
    `${word} at ${position} is found at ${found}`,
  );
  expectKept(
    found.length === 1 || to < position,
    `${word} at ${position} is not found, though all to ${to} was searched`,
  );
  return to >= position;
}

/** One visitor of an app, who takes a dead office for an answer and nothing else. */
export async function visit(site: Site, path: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const asked = await site.opened();
    const answer = await get(`${site.office.url}${path}`).catch((error: Error) => error);
    if (answer instanceof Error) {
      // nobody was there: let the drill notice that it killed, if it was that
      await new Promise(setImmediate);
      continue;
    }
    const late = site.opening !== asked; // answered by the office that came after
    expectKept(
      answer.status === 200 || (answer.status === 503 && late),
      () => `a visitor was given ${answer.status}: ${answer.body.slice(0, 300)}`,
    );
  }
}
