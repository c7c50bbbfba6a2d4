import { TestOffice } from '../../e2e/office.ts';
import { mountSmallDisk } from './disk.ts';
import { fillUnder } from './full-disk.ts';

/** Runs in a mount namespace of its own, where a small disk may be mounted: `in-namespace.ts <folder> <rounds> <seed>`. */
const [directory = '', ...numbers] = process.argv.slice(2);
const [rounds, seed] = numbers.map(Number);
const disk = await mountSmallDisk(directory);
process.env.TMPDIR = directory; // the office, its home included, lies there
try {
  await using office = await TestOffice.create('up');
  await office.open();
  process.stdout.write(await fillUnder(office, disk, rounds ?? 1, seed ?? 1));
} finally {
  const { runChild } = await import('../../../src/kit/index.ts');
  await runChild('/usr/bin/umount', ['--lazy', directory], { env: {}, timeoutMs: 10_000 });
}
process.exit();
