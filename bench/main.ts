import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchAdopt } from './adopt.ts';
import { benchApps } from './apps.ts';
import { benchData } from './data.ts';
import { benchDev } from './dev.ts';
import { benchEdge, benchStreaming } from './edge.ts';
import { benchEgress } from './egress.ts';
import { type Figure, table } from './figures.ts';
import { benchIdle } from './idle.ts';
import { benchIsolation } from './isolation.ts';
import { benchLog } from './log.ts';
import { benchPush } from './push.ts';
import { benchSecrets } from './secrets.ts';
import { benchState } from './state.ts';
import { benchStatic } from './static.ts';
import { benchSwap } from './swap.ts';
import { benchWorker } from './worker.ts';

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  edge: benchEdge,
  streaming: benchStreaming,
  apps: benchApps,
  isolation: benchIsolation,
  worker: benchWorker,
  adopt: benchAdopt,
  swap: benchSwap,
  dev: benchDev,
  idle: benchIdle,
  log: benchLog,
  state: benchState,
  push: benchPush,
  static: benchStatic,
  data: benchData,
  egress: benchEgress,
  secrets: benchSecrets,
};

/** `npm run bench [-- name …]`: runs the named benches (default: all), prints a table, writes `bench/results.json`. */
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
const figures: Figure[] = [];
for (const name of names) {
  const bench = BENCHES[name];
  if (bench === undefined)
    throw new Error(`no bench '${name}'; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.stderr.write(`${name} …\n`);
  figures.push(...(await bench()));
}
process.stdout.write(`\n${table(figures)}\n`);
const report = { time: new Date().toISOString(), node: process.version, figures };
await writeFile(join(import.meta.dirname, 'results.json'), `${JSON.stringify(report, null, 2)}\n`);
