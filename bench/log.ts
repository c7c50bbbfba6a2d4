import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OFFICE_FLAGS } from '../bootstrap/node26.mjs';
import { buildFsyncDelay } from '../test/faults/fsync-delay.ts';
import { atLeast, atMost, type Figure, median, round } from './figures.ts';
import type { FollowersResult } from './followers.ts';
import { startJetStream } from './jetstream.ts';
import { type JsonLines, startJsonLines } from './json-lines.ts';
import type { LogNodeCommand, LogNodeResult } from './log-node.ts';
import { nginxUpstream } from './nginx.ts';
import type { PacedResult } from './paced-requests.ts';
import { load } from './wrk.ts';

const ROUNDS = 3;
const CALLERS = 256;
/** An honest disk; the one under the benchmark may only say that it flushed. */
const FSYNC_MS = 4;
const FOLLOWERS = 2000;
const SUBJECTS = 200;

interface BenchNode {
  readonly url: string;
  readonly token: string;
  readonly app: string;
  ask(command: LogNodeCommand): Promise<LogNodeResult>;
}

/** Appends and what they do to visitors, and followers of events, with a slowed fsync; then appends beside JetStream. */
export async function benchLog(): Promise<Figure[]> {
  await using fsync = await buildFsyncDelay();
  const upstream = await nginxUpstream();
  const office = { NODE_OPTIONS: OFFICE_FLAGS.join(' ') };
  const slow = { ...office, ...fsync.env(FSYNC_MS) };
  try {
    return [
      ...(await withNode(upstream.port, slow, appends)),
      ...(await withNode(upstream.port, slow, fanOut)),
      ...(await withNode(upstream.port, office, besideJetStream)),
    ];
  } finally {
    await upstream.close();
  }
}

async function withNode(
  appPort: number,
  env: Record<string, string>,
  measure: (node: BenchNode) => Promise<Figure[]>,
): Promise<Figure[]> {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-bench-log-'));
  const lines = startJsonLines('log-node.ts', [home, String(appPort)], env);
  try {
    const { url, token, app } = await lines.next<{ url: string; token: string; app: string }>();
    return await measure({ url, token, app, ask: lines.ask });
  } finally {
    await lines.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function appends(node: BenchNode): Promise<Figure[]> {
  await node.ask({ do: 'burst', callers: CALLERS, ms: 1000 }); // warm
  await edge(node, 500);
  const perSecond: number[] = [];
  const perFsync: number[] = [];
  const overHttp: number[] = [];
  const before: number[] = [];
  const meanwhile: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    before.push((await edge(node, 3000)).p99);
    const [burst, edged] = await Promise.all([
      node.ask({ do: 'burst', callers: CALLERS, ms: 5500 }),
      delay(500).then(() => edge(node, 3000)),
    ]);
    meanwhile.push(edged.p99);
    perSecond.push((burst.appended * 1000) / burst.ms);
    perFsync.push(burst.appended / burst.commits);
    const http = await load(`${node.url}/v1/events`, {
      connections: 64,
      seconds: 3,
      headers: [`Authorization: Bearer ${node.token}`],
      script: join(import.meta.dirname, 'fixtures/append.lua'),
    });
    if (http.errors > 0) throw new Error(`${http.errors} appends over HTTP failed`);
    overHttp.push(http.requestsPerSec);
  }
  const rise = median(meanwhile.map((p99, index) => p99 - (before[index] ?? 0)));
  return [
    atLeast(
      `durable appends, ${CALLERS} callers in the node, fsync ${FSYNC_MS} ms`,
      median(perSecond),
      'events/s',
      10_000,
      `${round(median(perFsync))} events per fsync; over HTTP, 64 connections, sealed: ${round(median(overHttp))}/s`,
    ),
    atMost(
      'edge p99 at 500 requests/s: rise meanwhile',
      rise,
      'ms',
      2,
      `${round(median(before))} ms before, ${round(median(meanwhile))} ms meanwhile`,
    ),
  ];
}

/** 500 requests a second to the app through the edge, from a process of their own. */
async function edge(node: BenchNode, ms: number): Promise<PacedResult> {
  const args = [`${node.url}/app/${node.app}/`, new URL(node.url).host, node.token, '500', String(ms)];
  const process = startJsonLines('paced-requests.ts', args);
  const result = await process.next<PacedResult>();
  await process.close();
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests failed`);
  return result;
}

async function fanOut(node: BenchNode): Promise<Figure[]> {
  const ofAll = 20;
  const mixed = await followers(node, ofAll, FOLLOWERS - ofAll);
  const rounds: FollowersResult[] = [];
  const steady = node.ask({ do: 'pace', perSecond: 1000, subjects: SUBJECTS, ms: 4000 + ROUNDS * 5000 });
  await delay(4000); // warm
  await mixed.ask({});
  for (let n = 0; n < ROUNDS; n++) {
    await delay(5000);
    rounds.push(await mixed.ask({}));
  }
  await steady;
  await mixed.close();
  const figure = atMost(
    `append → follower p99, 1,000/s, ${FOLLOWERS} followers, fsync ${FSYNC_MS} ms`,
    median(rounds.map(({ p99 }) => p99)),
    'ms',
    20,
    `${ofAll} follow everything, the others one of ${SUBJECTS} apps: ${rounds[0]?.delivered} deliveries in 5 s, p50 ${round(median(rounds.map(({ p50 }) => p50)))} ms`,
  );
  return [figure, await everybodyFollowsEverything(node)];
}

/** Each event is a write for every follower then: how many deliveries a second still come within a second. */
async function everybodyFollowsEverything(node: BenchNode): Promise<Figure> {
  const all = await followers(node, FOLLOWERS, 0);
  let reached = 0;
  const steps: string[] = [];
  for (const perSecond of [25, 50, 100, 200, 400]) {
    const result = await told(node, all, perSecond, 3000);
    steps.push(`${perSecond} appends/s: p50 ${round(result.p50)}, p99 ${round(result.p99)} ms`);
    if (result.p99 > 1000) break;
    reached = perSecond * FOLLOWERS;
  }
  await all.close();
  return {
    name: `all ${FOLLOWERS} follow everything: deliveries within 1 s p99`,
    value: reached,
    unit: 'deliveries/s',
    target: '–',
    reached: true,
    beside: `${steps.join('; ')}; the bound is a write to each follower, about 20 µs of the event loop`,
  };
}

async function followers(node: BenchNode, ofAll: number, ofOne: number): Promise<JsonLines> {
  const response = await fetch(`${node.url}/v1/events?limit=1`, {
    headers: { authorization: `Bearer ${node.token}` },
  });
  const { head } = (await response.json()) as { head: number };
  const numbers = [ofAll, ofOne, SUBJECTS, head].map(String);
  const process = startJsonLines('followers.ts', [node.url, node.token, ...numbers]);
  await process.next();
  return process;
}

/** What followers were told of a paced run; waits until the last has come. */
async function told(
  node: BenchNode,
  process: JsonLines,
  perSecond: number,
  ms: number,
): Promise<FollowersResult> {
  await node.ask({ do: 'pace', perSecond, subjects: SUBJECTS, ms });
  await delay(1000);
  return process.ask({});
}

async function besideJetStream(node: BenchNode): Promise<Figure[]> {
  const peer = await startJetStream();
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let n = 0; n <= ROUNDS; n++) {
      const burst = await node.ask({ do: 'burst', callers: CALLERS, ms: 2500 });
      const published = await peer.publish(CALLERS, 2500);
      if (n === 0) continue; // warm
      ours.push((burst.appended * 1000) / burst.ms);
      theirs.push(published);
    }
    const flushes = peer.syncsAlways
      ? 'which flushes before it answers, as ours does'
      : 'which answers before it flushes (this version cannot be told otherwise), ours after';
    const ratios = ours.map((rate, index) => rate / (theirs[index] ?? Number.NaN));
    return [
      {
        name: `appends, ${CALLERS} callers, beside JetStream on files, fsync not slowed`,
        value: median(ratios),
        unit: '× JetStream',
        target: '–',
        reached: true,
        beside: `${round(median(ours))}/s, JetStream ${peer.version} ${round(median(theirs))}/s, ${flushes}; a slowed fsync does not reach a Go program`,
      },
    ];
  } finally {
    await peer.close();
  }
}
