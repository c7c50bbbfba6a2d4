import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '../src/kit/index.ts';
import { openSqliteLog } from '../src/log/index.ts';
import { foldLog } from '../src/node/index.ts';
import { corpusHome, corpusLog } from './corpus-home.ts';
import { atMost, type Figure, median, quantile } from './figures.ts';
import { pssMb } from './memory.ts';
import type { NodeReady } from './state-process.ts';

/** Pages read of each kind, and events of a page. */
const PAGES = 40;
const LIMIT = 50;

/** The state of a million events: replay, start with a snapshot, memory, and pages by filter and by words. */
export async function benchState(): Promise<Figure[]> {
  const figures = await replay();
  const home = await corpusHome();
  try {
    await (await openNode(home)).close(); // the first start makes the snapshot
    const node = await openNode(home);
    try {
      const { readyMs, rssMb, pssMb: pss } = node.ready;
      figures.push(
        atMost('ready with a snapshot', readyMs / 1000, 's', 2, 'the whole node, 1,000,000 events'),
        atMost('memory when ready', rssMb, 'MiB', 300, `resident; proportional ${pss.toFixed(0)} MiB`),
      );
      figures.push(...(await pages(node, 'log, ', READS, 5)));
      const builtS = await searchable(node);
      figures.push(...(await pages(node, 'timeline, ', SEARCHES, 5)));
      figures.push({
        ...atMost('projections built anew', builtS, 's', 600, 'while the node answers, in the background'),
      });
      const later = await pssMb(node.process.pid ?? 0);
      figures.push(atMost('memory with projections', later, 'MiB', 400, 'proportional'));
    } finally {
      await node.close();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return figures;
}

/** Filters of the log itself: rare and common, by every attribute, newest and oldest first. */
const READS: readonly string[] = [
  'type=app_crashed&order=newest',
  'type=deployment_failed&order=newest',
  'segment=tenant_*.apps&order=newest',
  'segment=platform.hosts.*&order=oldest',
  'actor=user:owner&order=newest',
  'class=traffic&order=newest',
  'subject=integration/shop-7&order=newest',
  'type=supervisor_joined',
  'type=version_published&actor=user:owner&order=oldest&after=500000',
];

/** Words: rare, common, several, a phrase; common words with rare filters; far back in the log. */
const SEARCHES: readonly string[] = [
  'q=crashed',
  'q=deployment',
  'q=deployment failed',
  'q="could not"',
  'q=owner&type=supervisor_joined',
  'q=shop&subject=integration/shop-7',
  'q=app&type=deployment_failed',
  'q=version&before=100000',
  'q=joined',
  'q=neverheardof',
  'q=started&segment=platform.hosts.oslo',
  'q=refused&class=traffic',
  'q=order&order=oldest',
];

async function replay(): Promise<Figure[]> {
  const file = await corpusLog();
  const took: number[] = [];
  for (let run = 0; run < 3; run++) {
    const log = await openSqliteLog({ file, logger: silentLogger() });
    const began = performance.now();
    const office = await foldLog(log);
    took.push((performance.now() - began) / 1000);
    await log.close();
    if (office.deployments.size !== 20_000) throw new Error(`folded ${office.deployments.size} deployments`);
  }
  const beside = `median of ${took.length}; ${(1 / median(took)).toFixed(1)} million events a second`;
  return [atMost('replay of 1,000,000 events', median(took), 's', 3, beside)];
}

/** Median and p99 of whole requests over HTTP, one after the other. */
async function pages(
  node: OpenNode,
  what: string,
  queries: readonly string[],
  bound: number,
): Promise<Figure[]> {
  const all: number[] = [];
  let slowest = { query: '', ms: 0 };
  for (const query of queries) {
    const took: number[] = [];
    for (let n = 0; n < PAGES; n++) {
      const began = performance.now();
      const { status, events } = await node.read(`/v1/events?${query}&limit=${LIMIT}`);
      took.push(performance.now() - began);
      if (status !== 200) throw new Error(`${query}: ${status}`);
      if (n === 0) process.stderr.write(`  ${query}: ${events} events, ${took[0]?.toFixed(1)} ms\n`);
    }
    if (median(took) > slowest.ms) slowest = { query, ms: median(took) };
    all.push(...took);
  }
  const beside = `${queries.length} filters, ${LIMIT} events; slowest ${slowest.ms.toFixed(1)} ms: ${slowest.query}`;
  return [
    atMost(`${what}page, median`, median(all), 'ms', bound, beside),
    atMost(`${what}page, p99`, quantile(all, 0.99), 'ms', 4 * bound, 'first and cold pages included'),
  ];
}

/** Seconds until the projections held everything. */
async function searchable(node: OpenNode): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { status } = await node.read('/v1/events?q=anything&limit=1');
    if (status === 200) return (performance.now() - began) / 1000;
    await delay(1000);
  }
}

interface OpenNode {
  readonly ready: NodeReady;
  readonly process: ChildProcess;
  read(path: string): Promise<{ readonly status: number; readonly events: number }>;
  close(): Promise<void>;
}

async function openNode(home: string): Promise<OpenNode> {
  const child = fork(join(import.meta.dirname, 'state-process.ts'), [home], { execArgv: [] });
  const [ready] = (await once(child, 'message')) as [NodeReady];
  const token = (await readFile(ready.ownerKeyFile, 'utf8')).trim();
  return {
    ready,
    process: child,
    async read(path) {
      const response = await fetch(`${ready.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const text = await response.text();
      const read = JSON.parse(text) as { events?: unknown[] };
      return { status: response.status, events: read.events?.length ?? 0 };
    },
    async close() {
      const ended = once(child, 'exit');
      child.send('end');
      await ended;
    },
  };
}
