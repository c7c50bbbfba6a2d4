import { setTimeout as wait } from 'node:timers/promises';
import type { SupervisorPoint } from '../../../src/supervisor/index.ts';
import { get } from '../../e2e/get.ts';
import { type Arrangement, isAlive, type RunnerRecord, TestOffice } from '../../e2e/office.ts';
import { Broken, type DrillOptions, expectKept } from '../drill.ts';
import { checkOrder, readLog } from '../kill/check.ts';
import { createSite, type Site } from '../kill/site.ts';
import { type Random, seeded } from '../random.ts';
import { until } from '../until.ts';
import type { Visitor } from '../upgrade/visitor.ts';
import { type DrillApp, publishApp } from './apps.ts';
import { type Death, nameOf } from './deaths.ts';
import { runnerInLog } from './history.ts';
import { carryOut, drawMoves, foresee, type MovedApp } from './moves.ts';
import { type Place, placeOf } from './place.ts';
import { answers, recorded, watchStrays } from './runners.ts';
import { beginDownload, visitRunner, visitThroughEdge } from './visits.ts';

export interface AdoptReport {
  /** Runners that went on with the same pid through a death. */
  readonly adopted: number;
  /** Requests that were answered, whoever was dead. */
  readonly answered: number;
  readonly reached: ReadonlySet<SupervisorPoint>;
}

/** Milliseconds until all is as it should be again. */
const QUIET_MS = 40_000;
/** Milliseconds until a supervisor comes to the point at which it dies. */
const POINT_MS = 30_000;

/**
 * Kills the supervisor, the node or both of an office that is used, again and again. After each death every app that was to
 * run is served, by the runner it had unless somebody asked for another; nothing runs twice, nothing is left behind, and the
 * log tells each start and each end once.
 *
 * @throws Broken
 */
export async function dieAndAdopt(
  arrangement: Arrangement,
  deaths: readonly Death[],
  { seed, say }: Pick<DrillOptions, 'seed' | 'say'>,
): Promise<AdoptReport> {
  let round = 0;
  try {
    await using office = await TestOffice.create(arrangement);
    const drilled = await furnish(office, seeded(seed));
    const reached = new Set<SupervisorPoint>();
    try {
      for (const death of deaths) {
        round += 1;
        say(`${arrangement}, round ${round} of ${deaths.length}: ${nameOf(death)}`);
        if (await oneDeath(drilled, death)) reached.add(death.point as SupervisorPoint);
      }
      await until(
        'nothing runs but what is recorded',
        async () => (await drilled.strays.look()) === 0,
        QUIET_MS,
      );
    } finally {
      await Promise.all(drilled.visitors.map((visitor) => visitor.stop()));
    }
    noFailures(drilled.visitors);
    const answered = drilled.visitors.reduce((sum, visitor) => sum + visitor.answered, 0);
    return { adopted: deaths.length * drilled.records.length, answered, reached };
  } catch (cause) {
    const where = `seed ${seed}, office arranged as \`${arrangement}\`, in round ${round}`;
    throw new Broken(`${where}: ${cause instanceof Error ? cause.stack : cause}`, { cause });
  }
}

/** An office with apps of every kind of life, and those who visit them. */
interface Drilled {
  readonly office: TestOffice;
  readonly place: Place;
  readonly site: Site;
  readonly random: Random;
  /** Left alone: they run with the same runner to the end. */
  readonly standing: readonly DrillApp[];
  /** Theirs, as it was in the beginning. */
  readonly records: readonly RunnerRecord[];
  /** At each of them, past the office. */
  readonly visitors: readonly Visitor[];
  /** Stopped, and not asked for. */
  readonly resting: DrillApp;
  readonly moved: readonly [MovedApp, MovedApp];
  readonly strays: ReturnType<typeof watchStrays>;
}

async function furnish(office: TestOffice, random: Random): Promise<Drilled> {
  const place = placeOf(office);
  await place.open();
  const site = await createSite(office);
  site.open();
  const always = await publishApp(site, 'always', 'always_on', random);
  const pinned = await publishApp(site, 'pinned', 'on_request', random);
  const asked = await publishApp(site, 'asked', 'on_request', random);
  const resting = await publishApp(site, 'resting', 'always_on', random);
  const moved = [
    { ...(await publishApp(site, 'moved-a', 'always_on', random)), outlook: 'runs', pinned: false },
    { ...(await publishApp(site, 'moved-b', 'on_request', random)), outlook: 'either', pinned: false },
  ] satisfies [MovedApp, MovedApp];
  await carryOut(site, { ...pinned, outlook: 'runs', pinned: true }, ['start'], random);
  await carryOut(site, { ...resting, outlook: 'rests', pinned: false }, ['stop'], random);
  const { status } = await get(`${office.url}/app/${asked.id}/`);
  expectKept(status === 200, `the first visit is answered with ${status}`);
  const standing = [always, pinned, asked];
  await until('every app that stands runs', async () => {
    const running = await recorded(office);
    return standing.every(({ id }) => running.has(id)) && !running.has(resting.id);
  });
  const running = await recorded(office);
  const records = standing.map(({ id }) => running.get(id) as RunnerRecord);
  const visitors = records.map(visitRunner);
  const strays = watchStrays(office);
  return { office, place, site, random, standing, records, visitors, resting, moved, strays };
}

/** @returns whether the point was reached */
async function oneDeath(drilled: Drilled, death: Death): Promise<boolean> {
  const { office, place, site, random, standing, records, visitors, moved } = drilled;
  if (death.first.length > 0) {
    await carryOut(site, moved[0], death.first, random);
    await quiet(drilled);
  }
  // What is under way at a runner, or at a node that lives, is not theirs who die.
  const download = await beginDownload(records[0] as RunnerRecord);
  const isNodeSpared = place.arrangement === 'apart' && death.victim === 'supervisor';
  // A node has to have asked once where an app is: while the supervisor is dead nobody tells it.
  const guests = isNodeSpared ? standing.map(({ id, name }) => visitThroughEdge(office, name, id)) : [];
  await until('every guest is answered', () => guests.every(({ answered }) => answered > 0));
  let hasReached = false;
  let moves: readonly Promise<void>[] = [];
  const move = () => {
    moves = [
      carryOut(site, moved[0], [...death.moves, ...drawMoves(random)], random.fork()),
      carryOut(site, moved[1], drawMoves(random), random.fork()),
    ];
    for (const each of moves) each.catch(() => {}); // waited for below
  };
  if (death.point === null) {
    move();
    await wait(death.afterMs);
    if (!isNodeSpared) site.shut();
    await place.kill(death.victim);
    if (death.crash) await killRunner(drilled, moved[1]);
  } else {
    await place.kill('supervisor');
    await place.reviveUpTo(death.point, death.passes);
    if (death.crash) await killRunner(drilled, moved[0]);
    move();
    hasReached = await place.hasDied(POINT_MS);
    await place.kill('supervisor');
  }
  await place.revive(death.victim);
  if (!isNodeSpared) site.open();
  await Promise.all(moves);
  for (const app of moved) await carryOut(site, app, ['reset'], random); // a back-off need not be waited for
  await quiet(drilled);
  await download.finish();
  await Promise.all(guests.map((guest) => guest.stop()));
  noFailures([...visitors, ...guests]);
  return hasReached;
}

async function killRunner({ office }: Drilled, app: MovedApp): Promise<void> {
  const { pid } = (await recorded(office)).get(app.id) ?? {};
  if (pid === undefined || !(await isAlive(pid))) return;
  process.kill(pid, 'SIGKILL');
  foresee(app, 'crash');
}

/** Resolves when all is as it must be, and the log has all of it. @throws Broken with what is not */
async function quiet({ office, standing, records, resting, moved, site, strays }: Drilled): Promise<void> {
  let missing = '';
  const isQuiet = async (): Promise<boolean> => {
    await strays.look();
    const running = await recorded(office);
    const log = await readLog(site);
    missing = '';
    for (const [index, { id, name }] of standing.entries()) {
      const { pid } = records[index] as RunnerRecord;
      expectKept(await isAlive(pid), `the runner ${pid} of ${name} is gone`);
      if (running.get(id)?.pid !== pid) missing += `${name} is not recorded as ${pid}; `;
    }
    for (const { id, name, outlook } of [...moved, { ...resting, outlook: 'rests' }]) {
      const record = running.get(id);
      if (outlook === 'runs' && (record === undefined || !(await answers(record))))
        missing += `${name} does not answer; `;
      if (outlook === 'rests' && record !== undefined) missing += `${name} runs; `;
      if (record !== undefined && !(await isAlive(record.pid)))
        missing += `${name} has a record, and no runner; `;
    }
    for (const { id, name } of [...standing, resting, ...moved]) {
      const told = runnerInLog(log, id);
      const pid = running.get(id)?.pid ?? null;
      if (told !== pid) missing += `the log says that ${name} runs as ${told}, and it is ${pid}; `;
    }
    checkOrder(log);
    return missing === '';
  };
  await until('all is quiet', isQuiet, QUIET_MS).catch((error: Error) => {
    throw error.message.startsWith('not within') ? new Broken(`${error.message}: ${missing}`) : error;
  });
}

function noFailures(visitors: readonly Visitor[]): void {
  const failures = visitors.flatMap((visitor) => visitor.failures);
  expectKept(
    failures.length === 0,
    () => `${failures.length} requests failed: ${failures.slice(0, 5).join('; ')}`,
  );
}
