import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredEvent } from '../../../src/log/index.ts';
import { type Drill, expectKept } from '../drill.ts';
import { type InProcessNode, openNode } from '../in-process-node.ts';
import { uuidOf } from '../kill/writer.ts';
import { type Random, seeded } from '../random.ts';

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const MINUTES_AS_DAYS = 1 / (24 * 60);

/** The clock of a working office steps back an hour and leaps ahead a year. */
export const clock: Drill = {
  name: 'clock',
  what: 'the clock steps back an hour and ahead a year under a working office',
  async run({ rounds, seed }) {
    const wanted = rounds ?? 10;
    const random = seeded(seed);
    let events = 0;
    for (let round = 0; round < wanted; round++) events += await once(random);
    return {
      rounds: wanted,
      seen: `${events} events in order, no credential revived, nothing erased by a leap`,
    };
  },
};

async function once(random: Random): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-clock-'));
  let offset = 0;
  const now = () => Date.now() + offset;
  const open = () => openNode(home, { now });
  const office = new Worked(random);
  try {
    let short: string;
    let long: string;
    {
      await using node = await open();
      short = await issue(node, 'short', 30 * MINUTES_AS_DAYS);
      long = await issue(node, 'long', 90);
      await office.work(node);
      await expectStatus(node, short, 200, 'before it expires');

      offset -= HOUR;
      await office.work(node);
      await expectStatus(node, short, 200, 'before it expires');

      offset += 2 * HOUR;
      await office.work(node);
      await expectStatus(node, short, 401, 'an hour later');
      await expectStatus(node, long, 200, 'an hour later');

      offset -= 2 * HOUR;
      await office.work(node);
      await expectStatus(node, short, 401, 'after the clock stepped back');

      offset += YEAR;
      await office.work(node);
      await expectStatus(node, long, 401, 'a year later');
    }
    {
      await using node = await open(); // what erases by age looks at the clock at every start
      await office.work(node);
      offset -= YEAR;
      await expectStatus(node, long, 401, 'after the clock was put right');
      await office.work(node);
    }
    await using node = await open();
    for (const token of [short, long]) await expectStatus(node, token, 401, 'after a restart');
    const fresh = await issue(node, 'fresh', 1);
    await expectStatus(node, fresh, 200, 'issued after all that');
    await office.work(node);
    return await checkLog(node, office, random, now());
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Events from outside, and what they were answered with. */
class Worked {
  readonly positions = new Map<string, number>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  async work(node: InProcessNode): Promise<void> {
    const before = Math.max(0, ...this.positions.values());
    for (let count = this.random.int(1, 8); count > 0; count--) {
      const id = uuidOf(this.random);
      const event = { id, type: 'DrillNoted', segment: 'tenant_default.drill', data: { id } };
      const { status, json } = await node.call('POST', '/v1/events', { event });
      expectKept(status === 201, `an append is answered ${status}: ${JSON.stringify(json)}`);
      expectKept(json.position > before, `position ${json.position} came after ${before}`);
      this.positions.set(id, json.position);
    }
  }
}

async function checkLog(node: InProcessNode, office: Worked, random: Random, now: number): Promise<number> {
  const { events, head } = await node.log.read({ limit: 1000 });
  expectKept(events.length === head, `${events.length} of ${head} events are there`);
  expectKept(
    events.every(({ position }, index) => position === index + 1),
    'positions are out of order',
  );
  expectKept(new Set(events.map(({ id }) => id)).size === head, 'an id is there twice');
  for (const [id, position] of office.positions) {
    const found = events[position - 1];
    expectKept(found?.id === id, `position ${position} is another's`);
    expectKept(
      found.erased === undefined && found.data.id === id,
      `the body of ${position} was erased by a leap`,
    );
  }
  // any time divides the log into what came before and what came after
  for (let look = 0; look < 10; look++) {
    const time = new Date(now + random.int(-3, YEAR / HOUR) * HOUR).toISOString();
    const [before, after] = await Promise.all(
      [{ until: time }, { since: time }].map(
        async (range) => (await node.log.read({ ...range, limit: 1000 })).events,
      ),
    );
    const both = [...(before ?? []), ...(after ?? [])].map(({ position }: StoredEvent) => position);
    expectKept(both.length === head, `${time} divides ${head} events into ${both.length}`);
    expectKept(
      both.every((position, index) => position === index + 1),
      `${time} divides the log out of order`,
    );
  }
  return head;
}

async function issue(node: InProcessNode, name: string, days: number): Promise<string> {
  const { status, json } = await node.call('POST', '/v1/tokens', {
    name,
    role: 'viewer',
    expires_in_days: days,
  });
  expectKept(status === 201, `a token is answered ${status}: ${JSON.stringify(json)}`);
  return json.token;
}

async function expectStatus(node: InProcessNode, token: string, wanted: number, when: string): Promise<void> {
  const { status } = await node.call('GET', '/v1/apps', undefined, token);
  expectKept(status === wanted, `a credential is answered ${status} ${when}`);
}
