import { expectKept } from '../drill.ts';
import type { Random } from '../random.ts';
import type { Ledger } from './ledger.ts';
import type { Site } from './site.ts';

/** Segments that writers use and followers ask for. */
export const DRILL_SEGMENTS = ['alpha', 'beta', 'gamma'].map((name) => `tenant_default.drill.${name}`);
export const DRILL_TYPES = ['DrillNoted', 'DrillCounted'];

interface Said {
  readonly id: string;
  readonly body: string;
  readonly data: string;
}

/**
 * One side that appends outside events until it is told to stop: single ones, several at once, a chain in which each
 * expects the one before, and now and then one again that was acknowledged long ago.
 */
export async function write(
  name: string,
  site: Site,
  ledger: Ledger,
  random: Random,
  stopped: () => boolean,
): Promise<void> {
  const said: Said[] = [];
  let count = 0;
  let lastOfChain = 0;

  const event = (segment: string, subject: string, expected?: number): Said => {
    const id = uuidOf(random);
    const data = { from: name, count: ++count, text: 'x'.repeat(random.int(0, 1200)) };
    const said = { id, type: random.pick(DRILL_TYPES), segment, subject, data };
    const body = { event: said, ...(expected === undefined ? {} : { expected_position: expected }) };
    return { id, body: JSON.stringify(body), data: JSON.stringify(data) };
  };
  const append = async ({ id, body, data }: Said): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await site.call('/v1/events', { method: 'POST', headers, body });
    expectKept(
      answer.status === 201 || answer.status === 200,
      () => `append: ${answer.status} ${answer.text}`,
    );
    const { position, duplicate } = JSON.parse(answer.text) as { position: number; duplicate: boolean };
    expectKept(
      !duplicate || answer.tries > 1 || ledger.promised.has(id),
      `${id} is called a duplicate of nothing`,
    );
    expectKept(duplicate || !ledger.promised.has(id), `${id} was appended twice`);
    ledger.note(id, position, data);
    return position;
  };

  while (!stopped()) {
    const kind = random.int(1, 10);
    const old = said.length > 0 ? random.pick(said) : undefined;
    if (kind === 1 && old !== undefined) {
      await append(old);
    } else if (kind <= 3) {
      lastOfChain = await append(event('tenant_default.drill.chain', `chain/${name}`, lastOfChain));
    } else {
      const several = Array.from({ length: random.int(1, 6) }, () =>
        event(random.pick(DRILL_SEGMENTS), `thing/${random.int(1, 20)}`),
      );
      await Promise.all(several.map(append));
      said.push(...several);
    }
  }
}

/** A UUID (version 4) that follows from the seed. */
export function uuidOf(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.int(0, 15).toString(16));
  hex[12] = '4';
  hex[16] = random.pick(['8', '9', 'a', 'b']);
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
