import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '../../src/kit/index.ts';
import { type EventDraft, openSqliteLog } from '../../src/log/index.ts';

/**
 * A process whose disk is slow: `node append-under-load.ts <log> <callers> <appends of each> <counted fsyncs>`. Its
 * callers append at once while a subscriber follows. Prints what it saw as one line of JSON (`Seen`).
 */
export interface Seen {
  readonly appended: number;
  readonly commits: number;
  /** Appends that were acknowledged although no fsync had come to its end since they were handed in. */
  readonly tooEarly: number;
  /** Every caller was told positions in the order of its calls. */
  readonly inOrder: boolean;
  /** The subscriber got every position once, in order. */
  readonly followed: boolean;
  /** Processor time of the longest turn of the event loop, ms; loading and the first appends are left out. */
  readonly longestTurnMs: number;
}

const [file = '', callers = '', each = '', countFile = ''] = process.argv.slice(2);
const fsyncs = () => statSync(countFile).size;
const log = await openSqliteLog({ file });
await log.append(draft(0));

const positions: number[] = [];
const stop = new AbortController();
const following = (async () => {
  for await (const event of log.subscribe({ after: 1 }, stop.signal)) positions.push(event.position);
})();

let longest = 0;
let measuring = true;
const watching = (async () => {
  await nextTurn();
  while (measuring) {
    const before = process.threadCpuUsage();
    await nextTurn();
    const used = process.threadCpuUsage(before);
    longest = Math.max(longest, (used.user + used.system) / 1000);
  }
})();

let tooEarly = 0;
let inOrder = true;
const total = Number(callers) * Number(each);
await Promise.all(
  Array.from({ length: Number(callers) }, async (_, caller) => {
    let last = 0;
    for (let n = 0; n < Number(each); n++) {
      const before = fsyncs();
      const { position } = await log.append(draft(caller));
      if (fsyncs() === before) tooEarly++;
      if (position <= last) inOrder = false;
      last = position;
    }
  }),
);
measuring = false;
await watching;
while (positions.length < total) await nextTurn();
stop.abort();
await following;
const { appended, commits } = log.stats();
const seen: Seen = {
  appended,
  commits,
  tooEarly,
  inOrder,
  followed: positions.every((position, index) => position === index + 2),
  longestTurnMs: longest,
};
await log.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);

function draft(caller: number): EventDraft {
  return {
    id: newId(),
    source: '/test',
    type: 'thing_happened',
    subject: `thing/${caller}`,
    time: new Date().toISOString(),
    dataschema: 'tabbify:thing_happened/1',
    data: { text: 'x'.repeat(300) },
    segment: 'tenant_default.things',
    tenant: 'default',
    actor: 'system',
  };
}
