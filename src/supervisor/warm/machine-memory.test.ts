import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { machineMemory } from './machine-memory.ts';

const MIB = 1 << 20;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'machine-'));
  await mkdir(join(root, 'proc/self'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const inGroup = (path: string) =>
  writeFile(join(root, 'proc/self/cgroup'), `1:name=systemd:/else\n0::${path}\n`);

async function group(
  path: string,
  files: { max: string; current?: number; inactive?: number },
): Promise<void> {
  const folder = join(root, 'sys/fs/cgroup', path);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'memory.max'), `${files.max}\n`);
  await writeFile(join(folder, 'memory.current'), `${files.current ?? 0}\n`);
  await writeFile(
    join(folder, 'memory.stat'),
    `anon 1\ninactive_file ${files.inactive ?? 0}\nactive_file 7\n`,
  );
}

it('is the tightest bound of the control groups it is in, the parents included', async () => {
  await inGroup('/box/office');
  await group('/', { max: 'max' });
  await group('/box', { max: String(1024 * MIB), current: 900 * MIB });
  await group('/box/office', { max: String(2048 * MIB), current: 100 * MIB });
  expect(machineMemory(root)).toEqual({ availableBytes: 124 * MIB, totalBytes: 1024 * MIB });
});

it('does not take files that were read for memory that is used up', async () => {
  await inGroup('/');
  await group('/', { max: String(1024 * MIB), current: 1020 * MIB, inactive: 500 * MIB });
  expect(machineMemory(root)).toEqual({ availableBytes: 504 * MIB, totalBytes: 1024 * MIB });
});

it('is never below nothing', async () => {
  await inGroup('/');
  await group('/', { max: String(64 * MIB), current: 65 * MIB });
  expect(machineMemory(root).availableBytes).toBe(0);
});

it('is what the machine has where nothing bounds it', async () => {
  await inGroup('/box');
  await group('/box', { max: 'max' });
  const { availableBytes, totalBytes } = machineMemory(root);
  expect(totalBytes).toBeLessThanOrEqual(totalmem());
  expect(availableBytes).toBeGreaterThan(0);
  expect(availableBytes).toBeLessThanOrEqual(totalBytes);
});
