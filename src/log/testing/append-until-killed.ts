import { openSqliteLog } from '../index.ts';

/**
 * A process of its own that opens the log named in its arguments and appends from 16 sides, printing `<id> <position>`
 * for every append that was acknowledged and `refused <code>` for one that was not. Prints `open` first.
 * With `--once` each side stops at its first refusal, and the process then tells that it still reads.
 */
const [file, mode] = process.argv.slice(2);
const log = await openSqliteLog({ file: String(file) });
process.stdout.write('open\n');

const text = 'x'.repeat(500);
const event = (id: string, side: number) => ({
  id,
  source: '/test',
  type: 'thing_happened',
  subject: `thing/${side}`,
  time: new Date().toISOString(),
  dataschema: 'tabbify:thing_happened/1',
  data: { text },
  segment: 'tenant_default.things',
  tenant: 'default',
  actor: 'system',
});
const writer = async (side: number) => {
  while (true) {
    const id = crypto.randomUUID();
    try {
      const { position } = await log.append(event(id, side));
      process.stdout.write(`${id} ${position}\n`);
    } catch (error) {
      process.stdout.write(`refused ${(error as { code: string }).code} ${(error as Error).message}\n`);
      if (mode === '--once') return;
    }
  }
};
await Promise.all(Array.from({ length: 16 }, (_, index) => writer(index)));

// The disk is full: reading goes on.
const { events, head } = await log.read({ limit: 1000 });
process.stdout.write(`read ${events.length} of ${head}\n`);
// The test has made room: writing goes on without a restart.
process.stdin.once('data', async () => {
  const { position } = await log.append(event(crypto.randomUUID(), 0));
  process.stdout.write(`recovered ${position}\n`);
  await log.close();
  process.exit(0);
});
