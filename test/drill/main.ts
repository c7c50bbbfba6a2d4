import { parseArgs } from 'node:util';
import { endAllBut } from '../e2e/belongings.ts';
import { adopt } from './adopt/index.ts';
import { clock } from './clock/index.ts';
import { diskFull } from './disk-full/index.ts';
import { double } from './double/index.ts';
import type { Drill } from './drill.ts';
import { flip } from './flip/index.ts';
import { fsync } from './fsync/index.ts';
import { huge } from './huge/index.ts';
import { kill } from './kill/index.ts';
import { swap } from './swap/index.ts';
import { torn } from './torn/index.ts';
import { upgrade } from './upgrade/index.ts';

const DRILLS: readonly Drill[] = [
  kill,
  torn,
  flip,
  diskFull,
  clock,
  fsync,
  double,
  adopt,
  upgrade,
  swap,
  huge,
];

/**
 * `npm run drill [-- name … --rounds n --seed n]`: runs the named drills (default: all) and prints a table. A drill that
 * saw a promise broken says which, with the seed that repeats it, and the exit code is 1.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seed: { type: 'string' } },
});
const unknown = positionals.find((name) => !DRILLS.some((drill) => drill.name === name));
if (unknown !== undefined)
  throw new Error(`no drill '${unknown}'; there are: ${DRILLS.map(({ name }) => name).join(', ')}`);
const rounds = values.rounds === undefined ? null : Number(values.rounds);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
if (![rounds ?? 1, seed].every((value) => Number.isSafeInteger(value) && value >= 0))
  throw new Error('--rounds and --seed take whole numbers');

const say = (text: string) => void process.stderr.write(`  ${text}\n`);
const rows: string[][] = [['drill', 'rounds', 'result', 'seconds', 'seen']];
process.stdout.write(`seed ${seed}\n`);
for (const drill of DRILLS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  say(`${drill.name}: ${drill.what} …`);
  const started = performance.now();
  const row = await drill.run({ rounds, seed, say }).then(
    (report) => [String(report.rounds), 'ok', report.seen],
    (error: Error) => {
      process.exitCode = 1;
      return ['', 'FAILED', error.name === 'Broken' ? error.message : String(error.stack)];
    },
  );
  await endAllBut(new Set()); // of one that failed
  const [done = '', result = '', seen = ''] = row;
  rows.push([drill.name, done, result, ((performance.now() - started) / 1000).toFixed(1), seen]);
}
const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
for (const row of rows) {
  const cells = row.map((cell, column) =>
    column < row.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell,
  );
  process.stdout.write(`${cells.join('  ')}\n`);
}
process.exit(); // a drill that failed may have left something open
