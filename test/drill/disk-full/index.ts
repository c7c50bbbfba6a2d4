import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../../src/kit/index.ts';
import { belongs, endAllOf } from '../../e2e/belongings.ts';
import { TestOffice } from '../../e2e/office.ts';
import { Broken, type Drill } from '../drill.ts';
import { boundFiles, possibleDisk } from './disk.ts';
import { fillUnder } from './full-disk.ts';

export { possibleDisk } from './disk.ts';

/** The disk fills up under a working office, and room is made again. */
export const diskFull: Drill = {
  name: 'disk-full',
  what: 'no room left under a working office, then room again',
  async run({ rounds, seed }) {
    const wanted = rounds ?? 10;
    const seen =
      possibleDisk() === 'tmpfs' ? await onSmallDisk(wanted, seed) : await withBoundedFiles(wanted, seed);
    return { rounds: wanted, seen };
  },
};

async function onSmallDisk(rounds: number, seed: number): Promise<string> {
  const program = join(import.meta.dirname, 'in-namespace.ts');
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-disk-'));
  const end = () => endAllOf(directory);
  const hasEnded = belongs({ home: null, folder: directory, end });
  const args = [
    '--mount',
    '--propagation',
    'private',
    '--',
    process.execPath,
    program,
    directory,
    String(rounds),
    String(seed),
  ];
  const env = { PATH: process.env.PATH ?? '' };
  try {
    const { code, stdout, stderr } = await runChild('/usr/bin/unshare', args, {
      env,
      timeoutMs: 60_000 + rounds * 10_000,
    });
    if (code !== 0) throw new Broken(`seed ${seed}: ${stderr}`);
    return stdout;
  } finally {
    await end(); // the runners of an office that was killed go on, in a namespace that nobody else can see into
    hasEnded();
  }
}

async function withBoundedFiles(rounds: number, seed: number): Promise<string> {
  await using office = await TestOffice.create('up');
  await office.open();
  const disk = boundFiles(() => office.processes[0]?.pid ?? 0, office.home);
  return fillUnder(office, disk, rounds, seed);
}
