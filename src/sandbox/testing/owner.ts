import { appendFileSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { BoxSpec } from '../box.ts';
import { seenProcesses } from '../death/processes.ts';
import { chooseGroups } from '../groups/choose.ts';
import { openBoxThrough } from '../open-box.ts';
import { officeGroups, officeTag } from '../records/record.ts';
import { readRecords, recordPlace } from '../records/record-files.ts';
import { sweepBoxes } from '../sweep.ts';
import type { Order, Outcome } from './orders.ts';

/**
 * A process that owns boxes, for tests: does one order per line of its standard input and answers each with a line. Its argument
 * is the office's home.
 */
const [home = ''] = process.argv.slice(2);

/** Opens a box and has somebody killed on the way. */
async function open({ killed, afterMs, ran }: Extract<Order, { do: 'open' }>): Promise<void> {
  let launcher = 0;
  const strike = () => process.kill(killed === 'owner' ? process.pid : launcher, 'SIGKILL');
  const box = await openBoxThrough(specOf(ran), {
    spawned: (child) => {
      launcher = child.pid ?? 0;
      if (afterMs === 0) strike();
      else if (afterMs !== null) setTimeout(strike, afterMs);
    },
    waiting: () => appendFileSync(`${ran}.let-go`, ''),
  });
  if (afterMs === null) {
    await box.verify();
    strike();
  }
  await box.ended;
}

function specOf(ran: string): BoxSpec {
  const out = openSync(ran, 'a');
  const script = 'require("node:fs").writeSync(1, "ran"); setInterval(() => {}, 1000)';
  return {
    profile: 'app',
    place: { home },
    label: 'a test',
    argv: ['/bin/node', '-e', script],
    env: {},
    files: [{ from: process.execPath, to: '/bin/node' }],
    bounds: { memoryBytes: 256 << 20, cpus: 1, tasks: 64, tmpBytes: 8 << 20, openFiles: 256 },
    stdio: ['ignore', out, 'ignore'],
  };
}

/** What lives or lies around of this office's boxes. */
function left(): Outcome {
  const tag = officeTag(recordPlace({ home }).home);
  const processes = seenProcesses().filter(({ marker }) => marker?.startsWith(`${tag}/`));
  const records = readRecords(recordPlace({ home }));
  const groups = officeGroups(tag).flatMap(chooseGroups().below);
  return { processes: processes.length, records: records.length, groups: groups.length };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  if (order.do === 'open') await open(order).catch(() => {});
  if (order.do === 'exit') {
    await (await openBoxThrough(specOf(order.ran), {})).verify();
    process.exit();
  }
  if (order.do === 'sweep') await sweepBoxes({ home });
  process.stdout.write(`${JSON.stringify(left())}\n`);
}
