import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { sendCrowd } from '../../drill/swap/crowd.ts';
import { processesOf } from '../living.ts';
import { TestOffice } from '../office.ts';
import { ROOT } from '../process.ts';

/** Tests that go wrong, run by `timed-out.test.ts`: what they print is what it looks for afterwards. */
const tell = (word: string, text: string) => void process.stdout.write(`\n${word}=${text}\n`);
let office: TestOffice;
beforeEach(async () => {
  office = await TestOffice.create('up');
  await office.open();
  const folder = join(office.directory, 'tiny'); // a push writes into it
  await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
  const { stdout } = await office.tcli('push', folder, '--json');
  const { uuid } = JSON.parse(stdout) as { uuid: string };
  expect((await fetch(`${office.url}/app/${uuid}/`)).status).toBe(200);
  const pace = { perSecond: 20, burst: 0, streams: 1, streamMs: [60_000, 60_000], seed: 1 } as const;
  await sendCrowd(office, uuid, pace);
  expect((await office.runners()).length).toBe(1);
  tell('folder', office.directory);
  tell('living', String((await processesOf(office.directory)).length));
});

test('runs out of time, and goes on to start what was killed', async () => {
  for (;;) {
    await office.killNode();
    await office.reopenNode();
  }
}, 3_000);

test('finds nothing of the test before', async () => {
  tell('second', office.directory);
});
