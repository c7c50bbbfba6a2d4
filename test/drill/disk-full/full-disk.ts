import { randomUUID } from 'node:crypto';
import { get } from '../../e2e/get.ts';
import type { TestOffice } from '../../e2e/office.ts';
import { expectKept } from '../drill.ts';
import { checkFollowers, checkOrder, checkPromises, readLog } from '../kill/check.ts';
import { follow } from '../kill/follower.ts';
import { createLedger } from '../kill/ledger.ts';
import { publishOnce, tinyApp } from '../kill/publisher.ts';
import { createSite, type Site } from '../kill/site.ts';
import { uuidOf } from '../kill/writer.ts';
import { type Random, seeded } from '../random.ts';
import { until } from '../until.ts';
import type { Disk } from './disk.ts';

/** An append that was refused, to be sent again when there is room. */
interface Refused {
  readonly id: string;
  readonly body: string;
  readonly data: string;
}

/**
 * Fills the disk under a working office: writers are told so with 503 and when to come again, everybody else goes on, and
 * once there is room the same process writes on.
 *
 * @returns what was seen, in words
 * @throws Broken
 */
export async function fillUnder(
  office: TestOffice,
  disk: Disk,
  rounds: number,
  seed: number,
): Promise<string> {
  const random = seeded(seed);
  const site = await createSite(office);
  site.open();
  const app = uuidOf(random);
  await publishOnce(site, app, 'standing', random);
  const pid = office.processes[0]?.pid ?? 0;
  const ledger = createLedger();
  const witness = follow(site);
  let refusals = 0;
  for (let round = 0; round < rounds; round++) {
    await disk.fill(random.int(50_000, 1_500_000));
    const refused = await writeUntilRefused(site, ledger, random);
    refusals += refused.length;
    await othersGoOn(site, app, ledger, witness);
    await pushIsRefused(site, app, random);
    await disk.makeRoom();
    for (const { id, body, data } of refused) {
      const answer = await append(site, body);
      expectKept(
        answer.status === 201,
        `a refused append, sent again with room, is answered ${answer.status}`,
      );
      ledger.note(id, answer.position, data);
    }
  }
  expectKept(office.processes[0]?.pid === pid, 'the office was started again');
  const log = await readLog(site);
  checkOrder(log);
  checkPromises(log, ledger);
  await until('the follower has everything', () => witness.seen.length === log.length);
  checkFollowers(log, [witness]);
  witness.stop();
  await publishOnce(site, uuidOf(random), 'afterwards', random);
  await disk.fill(0);
  await startWithoutRoom(office);
  await disk.makeRoom();
  await office.reopenNode();
  checkPromises(await readLog(site), ledger);
  return `${disk.kind}: ${refusals} appends refused with 503, ${ledger.promised.size} kept, no restart`;
}

async function append(site: Site, body: string) {
  const headers = { 'content-type': 'application/json' };
  const response = await site.once('/v1/events', { method: 'POST', headers, body });
  const answer = (await response.json()) as {
    position: number;
    detail?: string;
    hint?: string;
    title?: string;
  };
  return { ...answer, status: response.status, retryAfter: response.headers.get('retry-after') };
}

/** Several at once, until the disk is full; every refusal says why and when to come again. */
async function writeUntilRefused(
  site: Site,
  ledger: ReturnType<typeof createLedger>,
  random: Random,
): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (let batch = 0; refused.length < 3; batch++) {
    expectKept(batch < 2000, 'the disk does not fill up');
    const writers = Array.from({ length: 8 }, async () => {
      const id = randomUUID();
      const data = { text: 'x'.repeat(random.int(0, 8000)) };
      const event = {
        id,
        type: 'DrillNoted',
        segment: 'tenant_default.drill.full',
        subject: 'thing/1',
        data,
      };
      const body = JSON.stringify({ event });
      const answer = await append(site, body);
      if (answer.status === 201) return ledger.note(id, answer.position, JSON.stringify(data));
      expectKept(
        answer.status === 503,
        () => `on a full disk an append is answered ${JSON.stringify(answer)}`,
      );
      expectKept(Number(answer.retryAfter) > 0, 'a 503 does not say when to come again');
      expectKept(
        /disk is full/.test(`${answer.detail} ${answer.title}`),
        () => `a 503 does not say why: ${answer.detail}`,
      );
      expectKept(/space|room/.test(answer.hint ?? ''), () => `a 503 does not say what to do: ${answer.hint}`);
      refused.push({ id, body, data: JSON.stringify(data) });
    });
    await Promise.all(writers);
  }
  return refused;
}

/** An office that is killed on a full disk starts there, or says what keeps it from starting. */
async function startWithoutRoom(office: TestOffice): Promise<void> {
  await office.killNode();
  const opened = await office.reopenNode().then(
    () => null,
    (error: Error) => error.message,
  );
  expectKept(
    opened === null || /disk is full|no space left/.test(opened),
    () => `an office that cannot start does not say that the disk is full: ${opened}`,
  );
  await office.killNode();
}

/** A push needs room before anything else: it is refused in the same words. */
async function pushIsRefused(site: Site, app: string, random: Random): Promise<void> {
  const response = await site.once(`/v1/apps/${app}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/gzip', 'idempotency-key': uuidOf(random) },
    body: await tinyApp(app, 'standing', random.int(1, 1e9)),
  });
  const answer = await response.text();
  expectKept(response.status === 503, () => `on a full disk a push is answered ${response.status} ${answer}`);
  expectKept(
    Number(response.headers.get('retry-after')) > 0,
    'a push on a full disk is not told when to come again',
  );
  expectKept(
    /disk is full|no space left/.test(answer),
    () => `a push is not told that the disk is full: ${answer}`,
  );
}

async function othersGoOn(
  site: Site,
  app: string,
  ledger: ReturnType<typeof createLedger>,
  witness: ReturnType<typeof follow>,
): Promise<void> {
  const log = await readLog(site);
  checkOrder(log);
  checkPromises(log, ledger);
  await until('a follower has everything on a full disk', () => witness.seen.length === log.length);
  const fresh = follow(site, { from: Math.max(0, log.length - 5) });
  await until('a new follower is served on a full disk', () => fresh.seen.length === 5);
  fresh.stop();
  const visited = await get(`${site.office.url}/app/${app}/`);
  expectKept(visited.status === 200, `on a full disk a visitor is answered ${visited.status}`);
  for (const path of ['/v1/apps', '/v1/supervisors', '/v1/state', '/health']) {
    const { status } = await site.once(path);
    expectKept(status === 200, `on a full disk ${path} is answered ${status}`);
  }
}
