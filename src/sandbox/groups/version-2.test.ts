import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startChild, startTimeOf } from '../../kit/index.ts';
import { endInit, until } from '../death/end-processes.ts';
import { temporaryHome } from '../testing/box-of.ts';
import type { GroupDriver } from './driver.ts';
import { removeGroup } from './folder.ts';
import { type Hierarchy, hierarchiesOf } from './mounts.ts';
import { unifiedHere } from './testing/unified.ts';
import { groupAt, version2 } from './version-2.ts';

const BOUNDS = { memoryBytes: (128 << 20) + 17, cpus: 0.5, tasks: 64, tmpBytes: 1, openFiles: 1 };
const GROUP_FILES = [
  'cgroup.procs',
  'memory.max',
  'memory.swap.max',
  'memory.oom.group',
  'cpu.max',
  'cpu.weight',
  'pids.max',
];

/** A folder like that of a group: what the kernel would put into it is there. */
function group(path: string, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(path, { recursive: true });
  const all = {
    'cgroup.procs': '',
    'cgroup.controllers': 'cpu memory pids',
    'cgroup.subtree_control': 'cpu memory pids',
    ...files,
  };
  for (const [name, content] of Object.entries(all)) writeFileSync(join(path, name), content);
  return path;
}

/** A hierarchy with the office in `service/office`, and the folders of one box's group. */
function delegated(above: Readonly<Record<string, string>> = {}): {
  hierarchies: Hierarchy[];
  top: string;
  box: string;
} {
  const top = group(temporaryHome());
  const service = group(join(top, 'service'), above);
  const own = group(join(service, 'office'));
  group(join(service, 'tabbify-1'));
  const box = group(
    join(service, 'tabbify-1', '0'),
    Object.fromEntries(GROUP_FILES.map((name) => [name, ''])),
  );
  return { hierarchies: [{ version: 2, controllers: [], path: '/service/office', own, top }], top, box };
}

function driverOf(hierarchies: readonly Hierarchy[], isRoot = false): GroupDriver {
  const driver = version2(hierarchies, isRoot);
  if (driver === null) throw new Error('no driver');
  return driver;
}

it('puts boxes beside the leaf that the office is in, and bounds them', () => {
  const { hierarchies, box } = delegated();
  const driver = driverOf(hierarchies);
  expect([[...driver.holds], driver.lack]).toEqual([['memory', 'cpu', 'tasks'], null]);
  const groups = driver.of('tabbify-1/0');
  groups.create(BOUNDS);
  expect(groups.paths).toEqual([box]);
  const written = Object.fromEntries(
    GROUP_FILES.map((name) => [name, readFileSync(join(box, name), 'utf8')]),
  );
  expect(written).toEqual({
    'cgroup.procs': '',
    'memory.max': String(128 << 20),
    'memory.swap.max': '0',
    'memory.oom.group': '1',
    'cpu.max': '50000 100000',
    'cpu.weight': '',
    'pids.max': '65',
  });
  expect(driver.below('tabbify-1')).toEqual([box]);
});

it('weighs a box, and all that are in its group together', () => {
  const { hierarchies, box } = delegated();
  const [own, among] = [join(box, 'cpu.weight'), join(box, '..', 'cpu.weight')];
  writeFileSync(among, '');
  const groups = driverOf(hierarchies).of('tabbify-1/0', 33);
  groups.create(BOUNDS);
  groups.weigh(20);
  expect([own, among].map((path) => readFileSync(path, 'utf8'))).toEqual(['20', '33']);
});

it('says what is not as it was set, and that a process is elsewhere', async () => {
  const { hierarchies, box } = delegated();
  const groups = driverOf(hierarchies).of('tabbify-1/0');
  groups.create(BOUNDS);
  writeFileSync(join(box, 'memory.max'), 'max');
  const faults = groups.faults(process.pid, BOUNDS);
  expect(faults).toContain(`memory.max is max, not ${128 << 20}`);
  expect(faults).toContainEqual(expect.stringMatching(/^it is in the group .*, not in its own$/));
  await expect(groups.enter(process.pid)).rejects.toThrow('not in its own');
});

it('counts', () => {
  const { hierarchies, box } = delegated();
  const groups = driverOf(hierarchies).of('tabbify-1/0');
  expect([groups.memoryKills(), groups.cpuMs()]).toEqual([0, null]);
  writeFileSync(join(box, 'memory.events'), 'low 0\noom 2\noom_kill 1\noom_group_kill 1\n');
  writeFileSync(join(box, 'cpu.stat'), 'usage_usec 12500\nuser_usec 1\n');
  writeFileSync(join(box, 'memory.current'), '4096\n');
  expect([groups.memoryKills(), groups.cpuMs(), groups.memoryBytes()]).toEqual([1, 12.5, 4096]);
});

it('bounds what it can, and says what it cannot', () => {
  const { hierarchies } = delegated({ 'cgroup.subtree_control': 'memory pids' });
  const driver = driverOf(hierarchies);
  expect([...driver.holds]).toEqual(['memory', 'tasks']);
  expect(driver.lack).toEqual({
    why: "the office's control group has no cpu",
    hint: expect.stringContaining('Delegate=cpu memory pids'),
  });
});

it('is not used beside other processes, nor outside of a leaf, but by root at the top', () => {
  const crowded = delegated({ 'cgroup.procs': '1\n' });
  expect(version2(crowded.hierarchies, false)).toBe(null);
  const elsewhere = crowded.hierarchies.map((one) => ({
    ...one,
    path: '/session',
    own: group(join(one.top, 'session')),
  }));
  expect(version2(elsewhere, false)).toBe(null);
  expect(driverOf(elsewhere, true).of('tabbify-1/0').paths).toEqual([join(crowded.top, 'tabbify-1', '0')]);
  expect(version2([], true)).toBe(null);
});

it('has root take the top even where a group is delegated, unless the top is one of a container', () => {
  const { hierarchies, top, box } = delegated();
  expect(driverOf(hierarchies, true).of('tabbify-1/0').paths).toEqual([join(top, 'tabbify-1', '0')]);
  writeFileSync(join(top, 'cgroup.type'), 'domain\n');
  expect(driverOf(hierarchies, true).of('tabbify-1/0').paths).toEqual([box]);
});

it('is not used where nothing has been handed on', () => {
  expect(version2(delegated({ 'cgroup.subtree_control': '' }).hierarchies, false)).toBe(null);
});

const unified = unifiedHere();

if (unified !== undefined) {
  it('holds a process of this kernel, whatever the group may bound', async () => {
    const name = `tabbify-test-${process.pid}/0`;
    const groups = groupAt({ folder: unified.top, path: '/' }, new Set(), name);
    const child = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} });
    const pid = child.pid ?? 0;
    onTestFinished(() => {
      child.kill('SIGKILL');
      groups.paths.forEach(removeGroup);
    });
    groups.create(BOUNDS);
    expect(groups.faults(pid, BOUNDS)).toEqual([expect.stringContaining('not in its own')]);
    await groups.enter(pid);
    expect(groups.faults(pid, BOUNDS)).toEqual([]);
    expect(removeGroup(groups.paths[0] ?? '')).toBe(false);
    await endInit({ groups: groups.paths, init: null });
    expect(startTimeOf(pid)).toBe(null);
    await until(() => groups.paths.map(removeGroup).every(Boolean)); // the kernel takes a moment to forget who was in it
    expect(existsSync(join(unified.top, name, '..'))).toBe(false);
  });
}

it('finds its place among the hierarchies', () => {
  const mounts = [
    '30 23 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755',
    '31 30 0:27 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    '35 30 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
    String.raw`36 30 0:32 /docker/a\040b /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`,
    '37 30 0:33 /elsewhere /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
  ];
  const groups = [
    '9:pids:/own',
    '4:memory:/docker/a b/c:d',
    '2:cpu,cpuacct:/',
    '1:name=systemd:/x',
    '0::/service/office',
  ];
  const found = hierarchiesOf(mounts.join('\n'), groups.join('\n'));
  expect(found.map(({ version, controllers, own }) => [version, controllers, own])).toEqual([
    [2, [], '/sys/fs/cgroup/unified/service/office'],
    [1, ['cpu', 'cpuacct'], '/sys/fs/cgroup/cpu,cpuacct'],
    [1, ['memory'], '/sys/fs/cgroup/memory/c:d'],
  ]);
});

it('leaves no folder of its own where it only looks', () => {
  const { hierarchies, top } = delegated();
  driverOf(hierarchies);
  expect(readdirSync(top).filter((name) => name.startsWith('tabbify'))).toEqual([]);
});
