import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, type RunnerRecord, TestOffice } from '../../e2e/office.ts';
import { ROOT, type Started, start } from '../../e2e/process.ts';
import { type Drill, expectKept } from '../drill.ts';
import { until } from '../until.ts';
import { type Checkout, createCheckout, ownProtocol } from './checkout.ts';
import { type Visitor, visit } from './visitor.ts';

/** Apps under load, and one that is killed while no checkout is there. */
const VISITED = ['one', 'two', 'three'];
const KILLED = 'killed';
/** Requests that every visitor must have been answered before and after each step. */
const SOME = 10;
const RESPAWN_MS = 40_000;
const HELD_BACK_MS = 500;

interface ProtocolRecord extends RunnerRecord {
  readonly protocol: number;
}

/**
 * An upgrade under load: the checkout and its `node_modules` are removed beneath an open office, a build with the next
 * protocol number takes their place, the office is opened from it: for two rounds by `up --replace`, for the next two it is
 * stopped before. A build speaks its own number and the one before, so that every first upgrade adopts the runners that are
 * under load, and every second one replaces them. In the end the build before takes the place of the last one; runners that
 * are too new for it are replaced.
 */
export const upgrade: Drill = {
  name: 'upgrade',
  what: 'another build takes the place of the checkout while three apps are visited',
  async run({ rounds, say }) {
    const wanted = rounds ?? 10;
    await using checkout = await createCheckout();
    let protocol = await ownProtocol();
    await checkout.place(protocol);
    await using office = await TestOffice.create('up');
    await openFrom(checkout, office);
    const apps = new Map<string, string>();
    for (const name of [...VISITED, KILLED]) apps.set(name, await push(office, name));
    let restarting = false;
    const visitors = VISITED.flatMap((name) =>
      visitorsOf(office, name, apps.get(name) ?? '', () => restarting),
    );
    const killed = apps.get(KILLED) ?? '';
    const away = { replaced: [0], stopped: [0] };
    const seen = { adopted: 0, replaced: 0, respawned: 0 };
    try {
      await keepsAnswering(visitors);
      for (let round = 1; round <= wanted + 1; round++) {
        const isBack = round > wanted;
        const before = await runnersOf(office);
        await checkout.remove();
        await respawns(office, killed, protocol); // from what the office laid down at its start
        protocol += isBack ? -1 : 1;
        await checkout.place(protocol);
        await keepsAnswering(visitors);

        const how = isBack || Math.floor((round - 1) / 2) % 2 === 0 ? 'replaced' : 'stopped';
        restarting = true;
        const old = office.processes.pop();
        if (how === 'stopped') await old?.end('SIGTERM');
        await openFrom(checkout, office, how === 'replaced' ? old : undefined);
        restarting = false;
        await keepsAnswering(visitors);
        const longest = Math.max(...visitors.map((visitor) => visitor.longestWaitMs()));
        away[how].push(longest);
        await respawns(office, killed, protocol);
        seen.respawned += 2;

        for (const name of VISITED) {
          const app = apps.get(name) ?? '';
          const old = before.get(app);
          expectKept(old !== undefined, `${name} had no runner`);
          if (old.protocol === protocol || old.protocol === protocol - 1) {
            const { pid } = (await runnersOf(office)).get(app) ?? {};
            expectKept(pid === old.pid, `${name} was served by ${old.pid} and is by ${pid}`);
            seen.adopted += 1;
          } else {
            await until(
              `${name} speaks ${protocol}`,
              async () => (await runnersOf(office)).get(app)?.protocol === protocol,
            );
            await until('the replaced runner ends', async () => !(await isAlive(old.pid)), 40_000);
            seen.replaced += 1;
          }
        }
        await keepsAnswering(visitors);
        say(
          `${isBack ? 'back' : `round ${round}`}: protocol ${protocol}, ${how}; a visitor waited ${longest} ms at most`,
        );
      }
    } finally {
      await Promise.all(visitors.map((visitor) => visitor.stop()));
    }
    noFailures(visitors);
    const sum = (of: (visitor: Visitor) => number) => visitors.reduce((all, one) => all + of(one), 0);
    return {
      rounds: wanted,
      seen: `${sum((one) => one.answered)} requests answered, 0 failed, ${sum((one) => one.waited)} waited for the office (${Math.max(...away.replaced)} ms at most when it was replaced, ${Math.max(...away.stopped)} ms when it was stopped before); runners adopted ${seen.adopted}, replaced ${seen.replaced}, respawned ${seen.respawned}`,
    };
  },
};

/** Opens the office from the checkout, always at the address it had first. @param old the one that is open, to be replaced */
async function openFrom(checkout: Checkout, office: TestOffice, old?: Started): Promise<void> {
  const args = ['up', ...(old === undefined ? [] : ['--replace'])];
  const process = start('bin/tabbify.mjs', args, office.env, checkout.root);
  office.processes.push(process);
  office.url = (await process.printed(/node\s+(http:\/\/127\.0\.0\.1:\d+)/))[1] ?? '';
  await process.printed(/Ctrl-C/);
  const code = await old?.ended;
  expectKept(code === undefined || code === 0, `the office that was replaced ended with ${code}`);
  office.extraEnv = { TABBIFY_NODE_BIND: new URL(office.url).host };
}

/** One who comes through the edge, and one who asks the runner itself as the node does, at the address its record names. */
function visitorsOf(office: TestOffice, name: string, app: string, restarting: () => boolean): Visitor[] {
  const edge = async () => {
    const { hostname, port } = new URL(office.url);
    return { host: hostname, port: Number(port), path: `/app/${app}/`, headers: {} };
  };
  const runner = async () => {
    const file = await readFile(join(office.home, 'runners', `${app}.json`), 'utf8');
    const { endpoint, runner_key } = JSON.parse(file) as RunnerRecord;
    const { hostname, port } = new URL(endpoint);
    return { host: hostname, port: Number(port), path: '/', headers: { 'tabbify-runner-key': runner_key } };
  };
  return [
    visit({ name: `${name} at the edge`, address: edge, restarting }),
    visit({ name: `${name} at its runner`, address: runner, restarting: () => false }),
  ];
}

async function push(office: TestOffice, name: string): Promise<string> {
  const folder = join(office.directory, name);
  await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
  const manifest = join(folder, 'tabbify.toml');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('name = "tiny"', `name = "${name}"`));
  const { code, stdout, stderr } = await office.tcli('push', folder, '--json');
  expectKept(code === 0, `push of ${name}: ${stderr}`);
  const { uuid } = JSON.parse(stdout) as { uuid: string };
  const { status } = await fetch(`${office.url}/app/${uuid}/`);
  expectKept(status === 200, `${name} answered ${status}`);
  return uuid;
}

async function runnersOf(office: TestOffice): Promise<Map<string, ProtocolRecord>> {
  const records = (await office.runners()) as ProtocolRecord[];
  return new Map(records.map((record) => [record.app, record]));
}

/** Kills an app nobody visits; the next who does gets an answer, from a runner of the open office's build. */
async function respawns(office: TestOffice, app: string, protocol: number): Promise<void> {
  const { pid } = (await runnersOf(office)).get(app) ?? {};
  expectKept(pid !== undefined, 'the app to be killed had no runner');
  process.kill(pid, 'SIGKILL');
  await until('it is gone', async () => !(await isAlive(pid)));
  const answers = async () => (await fetch(`${office.url}/app/${app}/`)).status === 200;
  const deadline = performance.now() + RESPAWN_MS;
  while (!(await answers())) {
    expectKept(performance.now() < deadline, 'an app that was killed does not answer again');
    await office.api(`/v1/apps/${app}/reset`, { method: 'POST' }); // it dies so often that it would be held back
    await wait(HELD_BACK_MS);
  }
  const next = (await runnersOf(office)).get(app);
  expectKept(next?.protocol === protocol, `its new runner speaks ${next?.protocol}, not ${protocol}`);
}

async function keepsAnswering(visitors: readonly Visitor[]): Promise<void> {
  noFailures(visitors);
  const enough = visitors.map((visitor) => visitor.answered + SOME);
  await until('every visitor is answered again', () =>
    visitors.every((visitor, index) => visitor.answered >= (enough[index] ?? 0)),
  );
  noFailures(visitors);
}

function noFailures(visitors: readonly Visitor[]): void {
  const failures = visitors.flatMap((visitor) => visitor.failures);
  expectKept(
    failures.length === 0,
    () => `${failures.length} requests failed: ${failures.slice(0, 5).join('; ')}`,
  );
}
