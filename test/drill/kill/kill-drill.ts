import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { get } from '../../e2e/get.ts';
import { type LivingProcess, processesOf } from '../../e2e/living.ts';
import { type Arrangement, isAlive, TestOffice } from '../../e2e/office.ts';
import { Broken, type DrillOptions, expectKept } from '../drill.ts';
import { type Random, seeded } from '../random.ts';
import { until } from '../until.ts';
import { checkFollowers, checkOrder, checkPromises, checkPublished, readLog } from './check.ts';
import { createDeath, dieWhileStarting, drawMoment, drawStillbirth } from './deaths.ts';
import { follow, type SeenEvent } from './follower.ts';
import { createLedger } from './ledger.ts';
import { type Published, publish, publishOnce } from './publisher.ts';
import { findOne, search, searchWords, visit } from './reader.ts';
import { createSite, type Site } from './site.ts';
import { checkTokens, DRILL_TOKEN, issueAndRevoke, type Tokens } from './tokens.ts';
import { DRILL_SEGMENTS, DRILL_TYPES, uuidOf, write } from './writer.ts';

export interface KillReport {
  readonly rounds: number;
  readonly events: number;
  readonly acknowledged: number;
  /** Requests that a death left unanswered and that were sent again. */
  readonly repeated: number;
  readonly deployments: number;
  /** How long the event loop of each office was held; `up` only. */
  readonly holds: readonly string[];
}

/** What the office may throw away and make again; it is deleted before every other start. */
const CACHES = ['snapshots', 'projections.db', 'projections.db-wal', 'projections.db-shm'];

/**
 * Works on an office from several sides at once and kills its node again and again, at moments drawn from the seed.
 * After each death: every promise was kept, the state is what its events make of it, the apps serve.
 *
 * @throws Broken
 */
export async function killAgainAndAgain(
  arrangement: Arrangement,
  rounds: number,
  { seed, say }: Pick<DrillOptions, 'seed' | 'say'>,
): Promise<KillReport> {
  let round = 0;
  try {
    const office = await TestOffice.create(arrangement);
    let report: KillReport;
    try {
      report = await inOffice(office, rounds, seeded(seed), (text) => {
        round += 1;
        say(`${arrangement}, round ${round} of ${rounds}: ${text}`);
      });
    } finally {
      await office[Symbol.asyncDispose]();
    }
    let left: readonly LivingProcess[] = [];
    const isEmpty = async () => {
      left = await processesOf(office.directory);
      return left.length === 0;
    };
    await until('all that was started ends', isEmpty).catch((error: Error) => {
      throw new Broken(`${error.message}: ${left.map(({ pid, command }) => `${pid} ${command}`).join('; ')}`);
    });
    return report;
  } catch (cause) {
    throw new Broken(`seed ${seed}, office arranged as \`${arrangement}\`, after round ${round}: ${cause}`, {
      cause,
    });
  }
}

async function inOffice(
  office: TestOffice,
  rounds: number,
  random: Random,
  say: (text: string) => void,
): Promise<KillReport> {
  await office.open();
  const site = await createSite(office);
  site.open();
  const published: Published[] = ['drill-a', 'drill-b'].map(() => ({
    app: uuidOf(random),
    versions: [],
    deployments: [],
  }));
  const standing = uuidOf(random); // nobody touches it any more once it runs: it must serve through every death
  await publishOnce(site, standing, 'standing', random);
  const ledger = createLedger();
  const names = new Map<string, number>();
  const tokens: Tokens = { alive: new Set(), ended: new Set() };
  const death = createDeath(office, ledger);
  const ends = watchEnds();
  const followers = [
    follow(site, {
      onEvent(event) {
        ends.note(event);
        if (event.type === 'credential_issued') noteName(names, event);
        death.noteEvent(event);
      },
    }),
    follow(site, { segments: DRILL_SEGMENTS.slice(0, 1) }),
    follow(site, { types: DRILL_TYPES.slice(0, 1) }),
  ];
  const [witness] = followers;
  let stop = false;
  const stopped = () => stop;
  const fork = () => random.fork();
  const sides = [
    ...['one', 'two', 'three'].map((name) => write(name, site, ledger, fork(), stopped)),
    ...published.map((into, index) => publish(`drill-${'ab'[index]}`, site, fork(), stopped, ends.of, into)),
    search(site, ledger, fork(), stopped),
    searchWords(site, names, fork(), stopped),
    issueAndRevoke(site, fork(), stopped, tokens),
    visit(site, `/app/${standing}/`, stopped),
  ];
  const broken = Promise.race(
    [...sides, ...followers.map(({ done }) => done)].map((side) =>
      side.then(() => new Promise<never>(() => {})),
    ),
  );
  const orBroken = <T>(work: Promise<T>): Promise<T> => Promise.race([work, broken]);

  let head = (await readLog(site)).length;
  let known: { readonly position: number; readonly state: string } | null = null;
  for (let round = 1; round <= rounds; round++) {
    const moment = drawMoment(random);
    await orBroken(death.at(moment, head, () => site.shut()));
    await checkAppsAlone(office);
    const stillbirth = drawStillbirth(random);
    if (stillbirth !== null) await dieWhileStarting(office, stillbirth);
    const forget = round % 2 === 0;
    if (forget)
      await Promise.all(CACHES.map((name) => rm(join(office.home, name), { recursive: true, force: true })));
    await office.reopenNode();
    const log = await checkLog(false);
    head = log.length;
    known = await checkState(site, known, log.length);
    await checkTokens(site, tokens);
    if (followers.length < 6) followers.push(follow(site, { from: random.int(0, log.length) }));
    say(
      `${moment.kind === 'event' ? `at ${moment.type} or ` : ''}after ${moment.count}, ${stillbirth === null ? '' : `again at ${stillbirth}, `}` +
        `${forget ? 'caches deleted, ' : ''}${log.length} events, ${ledger.promised.size} promised`,
    );
    site.open();
  }
  stop = true;
  await orBroken(Promise.all(sides));
  const log = await checkLog(true);
  for (const follower of followers) {
    const last = log.findLast((event) => event.position > follower.from && follower.passes(event));
    await orBroken(
      until(
        'a follower has everything',
        () => (follower.seen.at(-1)?.position ?? 0) >= (last?.position ?? 0),
      ),
    );
    follower.stop();
  }
  checkFollowers(log, followers);
  await orBroken(until('the search has everything', () => findOne(site, names, random))).catch(
    async (error: Error) => {
      const { text } = await site.call('/v1/projections');
      throw new Broken(`${error.message}; it says ${text}`);
    },
  );
  await checkApps(site, [standing, ...published.map(({ app }) => app)]);
  return {
    rounds,
    events: log.length,
    acknowledged: ledger.count,
    repeated: site.repeated,
    deployments: published.reduce((sum, { deployments }) => sum + deployments.length, 0),
    holds: await office.holds(),
  };

  async function checkLog(ended: boolean): Promise<SeenEvent[]> {
    const log = await readLog(site);
    checkOrder(log);
    checkPromises(log, ledger);
    checkFollowers(log, followers);
    checkPublished(log, published, ended);
    expectKept((witness?.seen.length ?? 0) <= log.length, 'a follower was told of what is not in the log');
    return log;
  }
}

/** While the office is dead: every runner it had lives, and answers. */
async function checkAppsAlone(office: TestOffice): Promise<void> {
  for (const { pid, endpoint, runner_key: key, app } of await office.runners()) {
    if (!(await isAlive(pid))) continue; // it was being replaced when the office died: `checkApps` tells whether one serves
    const answer = await get(`${endpoint}/`, { 'tabbify-runner-key': key });
    expectKept(answer.status === 200, `without the office, ${app} answers ${answer.status}`);
  }
}

async function checkApps(site: Site, apps: readonly string[]): Promise<void> {
  for (const app of apps) {
    const answer = await get(`${site.office.url}/app/${app}/`);
    expectKept(
      answer.status === 200,
      `in the end ${app} answers ${answer.status}: ${answer.body.slice(0, 300)}`,
    );
  }
}

/** The state as it was before this death is the same again, whatever it was made from. */
async function checkState(
  site: Site,
  known: { readonly position: number; readonly state: string } | null,
  head: number,
): Promise<{ readonly position: number; readonly state: string }> {
  if (known !== null) {
    const state = await stateAt(site, known.position);
    expectKept(
      state === known.state,
      () => `the state at ${known.position} changed:\n${known.state}\n${state}`,
    );
  }
  return { position: head, state: await stateAt(site, head) };
}

async function stateAt(site: Site, position: number): Promise<string> {
  const response = await site.once(`/v1/state?at=${position}`);
  expectKept(response.status === 200, `GET /v1/state is answered with ${response.status}`);
  return response.text();
}

/** The name of a token is found by a search, and in this event alone. */
function noteName(names: Map<string, number>, { position, data }: SeenEvent): void {
  const name = String(data.name);
  if (name.startsWith(DRILL_TOKEN)) names.set(name, position);
}

/** Lets publishers wait for the end of what they began. */
function watchEnds() {
  const ends = new Map<string, string>();
  const waiting = new Map<string, (type: string) => void>();
  return {
    note({ type, data }: SeenEvent) {
      if (type !== 'deployment_succeeded' && type !== 'deployment_failed') return;
      const id = String(data.deployment_id);
      ends.set(id, type);
      waiting.get(id)?.(type);
    },
    of: (deployment: string) =>
      new Promise<string>((resolve) => {
        const known = ends.get(deployment);
        if (known !== undefined) resolve(known);
        else waiting.set(deployment, resolve);
      }),
  };
}
