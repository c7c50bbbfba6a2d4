import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { makeGroup, processesIn, removeGroup } from './folder.ts';
import { groupPath, groupsOfProcess, type Hierarchy } from './mounts.ts';
import { moveToLeaf, settleIn } from './settle.ts';
import { unifiedHere } from './testing/unified.ts';

/** The folders of a group and of those above it, with what the kernel would put into them. */
function inGroup(path: string, files: Readonly<Record<string, string>> = {}): Hierarchy {
  const top = temporaryHome();
  let own = top;
  for (const name of ['', ...path.split('/').filter(Boolean)]) {
    own = join(own, name);
    mkdirSync(own, { recursive: true });
    const all = { 'cgroup.procs': '', 'cgroup.controllers': 'cpu memory pids', 'cgroup.subtree_control': '' };
    for (const [file, text] of Object.entries(all)) writeFileSync(join(own, file), text);
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(own, file), text);
  return { version: 2, controllers: [], path, own, top };
}

/** What was last written, at the start of what is no file of the kernel: one controller after the other is handed on. */
const handedOn = (folder: string) => readFileSync(join(folder, 'cgroup.subtree_control'), 'utf8').slice(0, 5);
const never = async () => {
  throw new Error('nobody is to ask');
};

it.each([
  [253, ''],
  [254, '+pids'],
  [256, '+pids'],
  [257, ''],
  [null, ''],
])('a service that is started in a leaf by systemd %s hands on: %o', async (version, expected) => {
  const office = inGroup('/system.slice/tabbify.service/office');
  await settleIn(office, false, async () => version);
  expect(handedOn(dirname(office.own))).toBe(expected);
});

it('hands on what a leaf of anything but a service is in, unless somebody else is in there', async () => {
  const office = inGroup('/user.slice/tabbify.scope/office');
  await settleIn(office, false, never);
  expect(handedOn(dirname(office.own))).toBe('+pids');
  const crowded = inGroup('/user.slice/tabbify.scope/office');
  writeFileSync(join(crowded.own, '..', 'cgroup.procs'), '1\n');
  await settleIn(crowded, false, never);
  expect(handedOn(dirname(crowded.own))).toBe('');
});

it.each([
  ['/user.slice/session-3.scope', false],
  ['/user.slice/vte-spawn-1.scope', false],
  ['/user.slice/tabbify.service', false],
  ['/system.slice', true],
  ['/', false],
])('leaves a group alone that is not its own: %s', async (path, isRoot) => {
  const group = inGroup(path, { 'cgroup.type': 'domain' });
  await settleIn(group, isRoot, never);
  expect(existsSync(join(group.own, 'office'))).toBe(false);
  expect(handedOn(group.own)).toBe('');
});

it.each([
  ['/user.slice/tabbify.scope', false],
  ['/user.slice/tabbify-second.scope', false],
  ['/', true],
])('makes itself a leaf in a group that is its own: %s', async (path, isRoot) => {
  const group = inGroup(path, { 'cgroup.type': 'domain' });
  await settleIn(group, isRoot, never);
  expect(existsSync(join(group.own, 'office'))).toBe(true);
  expect(handedOn(group.own)).toBe('+pids');
});

it('does nothing where there is nothing to hand on', async () => {
  const group = inGroup('/user.slice/tabbify.scope', { 'cgroup.controllers': '' });
  await settleIn(group, false, never);
  expect(existsSync(join(group.own, 'office'))).toBe(false);
});

const unified = unifiedHere();

if (unified !== undefined) {
  it('moves all that is in a group of this kernel into the leaf', () => {
    const group = join(unified.top, `tabbify-test-${process.pid}`, 'scope');
    const leaf = join(group, 'office');
    const children = [1, 2].map(() =>
      startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} }),
    );
    onTestFinished(async () => {
      for (const child of children) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
      }
      await expect.poll(() => removeGroup(leaf)).toBe(true);
      removeGroup(group);
    });
    makeGroup(group);
    const pids = children.map(({ pid }) => pid ?? 0);
    for (const pid of pids) writeFileSync(join(group, 'cgroup.procs'), String(pid));
    expect(moveToLeaf(group)).toBe(true);
    expect(processesIn(group)).toEqual([]);
    for (const pid of pids)
      expect(groupPath(groupsOfProcess(pid), 2, [])).toBe(`/${basename(dirname(group))}/scope/office`);
    expect(moveToLeaf(group)).toBe(true); // once more changes nothing
  });
}
