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

/** A request that was refused, to be sent again when there is room. */
interface Refused {
  readonly path: string;
  readonly init: RequestInit;
  readonly took: (answer: Reply) => void;
}

interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
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
  let tokens = 0;
  let refusals = 0;
  const outside = (): Refused => {
    const id = uuidOf(random);
    const data = { text: 'x'.repeat(random.int(0, 8000)) };
    const event = { id, type: 'DrillNoted', segment: 'tenant_default.drill.full', subject: 'thing/1', data };
    return {
      ...post('/v1/events', { event }),
      took: ({ text }) => ledger.note(id, JSON.parse(text).position, JSON.stringify(data)),
    };
  };
  const token = (): Refused => ({
    ...post('/v1/tokens', { name: `drill-${uuidOf(random)}`, role: 'viewer' }, uuidOf(random)),
    took() {
      tokens += 1;
    },
  });
  for (let round = 0; round < rounds; round++) {
    await disk.fill(random.int(50_000, 1_500_000));
    const refused = [...(await sendUntilRefused(site, token)), ...(await sendUntilRefused(site, outside))];
    refusals += refused.length;
    await othersGoOn(site, app, ledger, witness);
    await pushIsRefused(site, app, random);
    await disk.makeRoom();
    for (const each of refused) await sendWithRoom(site, each);
  }
  expectKept(office.processes[0]?.pid === pid, 'the office was started again');
  const log = await readLog(site);
  checkOrder(log);
  checkPromises(log, ledger);
  const issued = log.filter((event) => event.type === 'credential_issued' && event.data.role === 'viewer');
  expectKept(issued.length === tokens, `${tokens} tokens were issued, the log has ${issued.length}`);
  await until('the follower has everything', () => witness.seen.length === log.length);
  checkFollowers(log, [witness]);
  witness.stop();
  await publishOnce(site, uuidOf(random), 'afterwards', random);
  await disk.fill(0);
  await startWithoutRoom(office);
  await disk.makeRoom();
  await office.reopenNode();
  checkPromises(await readLog(site), ledger);
  return `${disk.kind}: ${refusals} writers refused with 503, ${tokens + ledger.promised.size} served, no restart`;
}

function post(path: string, body: unknown, key?: string): Pick<Refused, 'path' | 'init'> {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  return { path, init: { method: 'POST', headers, body: JSON.stringify(body) } };
}

async function send(site: Site, { path, init, took }: Refused): Promise<Reply> {
  const response = await site.once(path, init);
  const retryAfter = response.headers.get('retry-after');
  const reply = { status: response.status, retryAfter, text: await response.text() };
  if (reply.status < 300) took(reply);
  return reply;
}

/** Several at once, until the disk is full; every refusal says why, what to do and when to come again. */
async function sendUntilRefused(site: Site, next: () => Refused): Promise<Refused[]> {
  const refused: Refused[] = [];
  for (let batch = 0; refused.length < 3; batch++) {
    expectKept(batch < 1000, 'the disk does not fill up');
    const several = Array.from({ length: 8 }, next);
    const replies = await Promise.all(several.map((each) => send(site, each)));
    for (const [index, reply] of replies.entries()) {
      if (reply.status < 300) continue;
      expectRefusal(`${several[index]?.path}`, reply);
      refused.push(...several.slice(index, index + 1));
    }
  }
  return refused;
}

function expectRefusal(what: string, { status, retryAfter, text }: Reply): void {
  expectKept(status === 503, () => `on a full disk ${what} is answered ${status}: ${text}`);
  expectKept(Number(retryAfter) > 0, `on a full disk ${what} does not say when to come again`);
  expectKept(/disk is (nearly )?full|no space left/.test(text), () => `${what} does not say why: ${text}`);
  expectKept(/"hint":"[^"]*(room|space)/i.test(text), () => `${what} does not say what to do: ${text}`);
}

/** What was refused is taken now, once, and by the same process. What comes from outside waits until the room is noticed. */
async function sendWithRoom(site: Site, refused: Refused): Promise<void> {
  let reply: Reply | null = null;
  await until(`${refused.path} is served once there is room`, async () => {
    reply = await send(site, refused);
    return reply.status < 300;
  });
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

/** A push needs room before anything else: it is refused in the same way. */
async function pushIsRefused(site: Site, app: string, random: Random): Promise<void> {
  const response = await site.once(`/v1/apps/${app}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/gzip', 'idempotency-key': uuidOf(random) },
    body: await tinyApp(app, 'standing', random.int(1, 1e9)),
  });
  const retryAfter = response.headers.get('retry-after');
  expectRefusal('a push', { status: response.status, retryAfter, text: await response.text() });
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
