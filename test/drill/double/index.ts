import { isAlive, TestOffice } from '../../e2e/office.ts';
import { start } from '../../e2e/process.ts';
import { type Drill, expectKept } from '../drill.ts';
import { checkOrder, checkPromises, readLog } from '../kill/check.ts';
import { createLedger } from '../kill/ledger.ts';
import { createSite } from '../kill/site.ts';
import { write } from '../kill/writer.ts';
import { seeded } from '../random.ts';
import { until } from '../until.ts';

/** Everything that opens a log, tried on a home whose office is open. */
const SECONDS: readonly (readonly string[])[] = [['up'], ['node']];

/** The log opened twice: the second is refused in clear words, the first goes on. */
export const double: Drill = {
  name: 'double',
  what: 'a second office opens the same home',
  async run({ rounds, seed }) {
    const wanted = rounds ?? 5;
    const random = seeded(seed);
    await using office = await TestOffice.create('up');
    await office.open();
    const pid = office.processes[0]?.pid ?? 0;
    const site = await createSite(office);
    site.open();
    const ledger = createLedger();
    let stop = false;
    const writing = write('first', site, ledger, random.fork(), () => stop);
    writing.catch(() => {}); // told when it is waited for
    for (let round = 0; round < wanted; round++) {
      const before = ledger.count;
      for (const args of SECONDS) {
        const second = start('bin/tabbify.mjs', args, office.env);
        await second.printed(/to do/);
        await until('it ends by itself', async () => !(await isAlive(second.pid)));
        const code = await second.end('SIGTERM');
        const said = second.output();
        expectKept(code === 1, `a second \`${args}\` ends with ${code}: ${said}`);
        expectKept(
          said.includes(`process ${pid}`),
          `a second \`${args}\` does not name the process ${pid}: ${said}`,
        );
        expectKept(
          /tabbify (down|status)/.test(said),
          `a second \`${args}\` does not say what to do: ${said}`,
        );
      }
      expectKept(ledger.count > before, 'nobody wrote on while a second office was tried');
    }
    stop = true;
    await writing;
    const log = await readLog(site);
    checkOrder(log);
    checkPromises(log, ledger);
    // its death frees the home, whatever it left behind
    await office.killNode();
    await office.reopenNode();
    checkPromises(await readLog(site), ledger);
    return {
      rounds: wanted,
      seen: `${wanted * SECONDS.length} seconds refused naming process ${pid}, the first appended ${ledger.count} meanwhile`,
    };
  },
};
