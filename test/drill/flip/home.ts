import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TabbifyError } from '../../../src/kit/index.ts';
import { repairLog, type StoredEvent } from '../../../src/log/index.ts';
import { flipBit, flipText } from '../damage/flip.ts';
import { readAll } from '../damage/sample.ts';
import { expectKept } from '../drill.ts';
import { type InProcessNode, openNode } from '../in-process-node.ts';
import { uuidOf } from '../kill/writer.ts';
import type { Random } from '../random.ts';

/** The home of an office that was closed, and what it answered. */
export interface SampleHome extends AsyncDisposable {
  readonly directory: string;
  readonly events: readonly StoredEvent[];
  readonly state: string;
}

const OUTSIDE = 12;
const TOKENS = 5;

export async function makeHome(random: Random): Promise<SampleHome> {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-home-'));
  await using node = await openNode(directory);
  for (let number = 1; number <= OUTSIDE; number++) {
    const data = { words: `outside number ${number}`, more: 'x'.repeat(random.int(0, 3000)) };
    const event = { id: uuidOf(random), type: 'DrillNoted', segment: 'tenant_default.drill', data };
    const { status } = await node.call('POST', '/v1/events', { event });
    expectKept(status === 201, `an append is answered ${status}`);
  }
  for (let number = 1; number <= TOKENS; number++) {
    const { status } = await node.call('POST', '/v1/tokens', { name: `token-${number}`, role: 'viewer' });
    expectKept(status === 201, `a token is answered ${status}`);
  }
  return {
    directory,
    ...(await seenOf(node)),
    [Symbol.asyncDispose]: () =>
      rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

async function seenOf(node: InProcessNode) {
  const { events, damaged } = await readAll(node.log, {});
  return { events, damaged, state: JSON.stringify((await node.call('GET', '/v1/state')).json) };
}

/** What is done to a copy of the home, and what must come of it. */
type Case = (home: string, sample: SampleHome, random: Random) => Promise<void>;

export const HOME_CASES: Readonly<Record<string, Case>> = {
  /** The state is made of it: no start without it, and a copy brings it back. */
  async 'an event of the office'(home, sample, random) {
    const name = `token-${random.int(1, TOKENS)}`;
    const found = sample.events.find(({ type, data }) => type === 'credential_issued' && data.name === name);
    await flipText(join(home, 'log.db'), `"name":"${name}"`);
    await rm(join(home, 'snapshots'), { recursive: true, force: true }); // a snapshot of later knows what it said
    const error = await openNode(home).then(
      async (node) => node[Symbol.asyncDispose](),
      (refused: unknown) => refused,
    );
    expectKept(
      error instanceof TabbifyError && error.code === 'event_damaged',
      () => `the office starts: ${error}`,
    );
    expectKept(error.message.includes(`position ${found?.position}`), () => `not named: ${error.message}`);
    expectKept(/tabbify doctor --repair/.test(error.hint ?? ''), () => `no way out: ${error.hint}`);
    const backup = join(sample.directory, 'log.db');
    const { restored, lost } = await repairLog({ file: join(home, 'log.db'), backup });
    expectKept(
      restored.join() === `${found?.position}` && lost.length === 0,
      `restored ${restored}, lost ${lost}`,
    );
    await expectWhole(home, sample);
  },
  /** It is named, everything else goes on. */
  async 'an event from outside'(home, sample, random) {
    const hit = random.pick(sample.events.filter(({ type }) => type === 'DrillNoted'));
    await flipText(join(home, 'log.db'), hit.id);
    await expectOthers(home, sample, [hit.position]);
  },
  /** Sealed bodies are lost with their key: they are named, everything else goes on. */
  async 'a key of sealed bodies'(home, sample, random) {
    const keys = join(home, 'keys');
    const files = (await readdir(keys, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    if (files.length === 0) return;
    const hit = random.pick(files);
    await flipBit(join(hit.parentPath, hit.name), random);
    const sealed = sample.events
      .filter(({ sealedby }) => sealedby !== undefined)
      .map(({ position }) => position);
    await expectOthers(home, sample, sealed);
  },
  /** Made anew from the log. */
  async 'the projections'(home, sample, random) {
    for (let bit = 0; bit < 20; bit++) await flipBit(join(home, 'projections.db'), random);
    await expectWhole(home, sample);
  },
  async 'a snapshot'(home, sample, random) {
    for (const name of await readdir(join(home, 'snapshots')).catch(() => []))
      await flipBit(join(home, 'snapshots', name), random);
    await expectWhole(home, sample);
  },
};

/** Flips something in a copy of the home. */
export async function flipInHome(name: string, sample: SampleHome, random: Random): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-home-'));
  try {
    await cp(sample.directory, home, { recursive: true });
    await HOME_CASES[name]?.(home, sample, random);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

async function expectWhole(home: string, sample: SampleHome): Promise<void> {
  await expectOthers(home, sample, []);
}

/** The office opens; all is there but what may be lost, and what is lost is named. */
async function expectOthers(home: string, sample: SampleHome, mayBeLost: readonly number[]): Promise<void> {
  await using node = await openNode(home);
  const seen = await seenOf(node);
  const given = new Map(seen.events.map((event) => [event.position, JSON.stringify(event)]));
  for (const event of sample.events) {
    const text = given.get(event.position);
    const isNamed = mayBeLost.includes(event.position) && seen.damaged.includes(event.position);
    expectKept(
      text === JSON.stringify(event) || (text === undefined && isNamed),
      () => `${event.position} is given as ${text}`,
    );
  }
  expectKept(seen.state === sample.state, () => `the state is another:\n${sample.state}\n${seen.state}`);
}
