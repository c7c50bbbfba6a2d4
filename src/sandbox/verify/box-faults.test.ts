import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { startTimeOf } from '../../kit/index.ts';
import type { Box } from '../box.ts';
import { chooseGroups } from '../groups/choose.ts';
import type { Door } from '../launch/door.ts';
import { findPrograms } from '../launch/programs.ts';
import { openBoxThrough } from '../open-box.ts';
import { readRecords, recordPlace } from '../records/record-files.ts';
import { nodeBox, temporaryHome } from '../testing/box-of.ts';

const isRoot = process.getuid?.() === 0;
const hasGroups = chooseGroups().holds.size > 0;

async function openedThrough(door: Door, home = temporaryHome()): Promise<Box> {
  const box = await openBoxThrough(nodeBox(home, 'setInterval(() => {}, 1000)'), door);
  onTestFinished(async () => void (await box.kill()));
  return box;
}

/** A box that is refused for this reason, and is dead then. */
async function refusedFor(box: Box, why: string): Promise<void> {
  await expect(box.verify()).rejects.toMatchObject({ code: 'box_unsafe', why: expect.stringContaining(why) });
  expect(startTimeOf(box.pid)).toBe(null);
  expect(await box.ended).toMatchObject({ cause: 'killed' });
}

/** Arguments of bubblewrap without an option and what belongs to it. */
function without(option: string, values = 0): Door {
  return {
    arguments: (args) => {
      const at = args.indexOf(option);
      expect(at).toBeGreaterThan(-1);
      return args.toSpliced(at, 1 + values);
    },
  };
}

/** A command line in which an argument is another one. */
function replaced(change: (argument: string) => string): Door {
  return {
    command: ([program, ...args]) => {
      const changed = args.map(change);
      expect(changed).not.toEqual(args);
      return [program, ...changed];
    },
  };
}

/** Another bound than that of the box, by file of a group. */
const boundFiles = [
  ...(chooseGroups().holds.has('memory') ? [['memory.limit_in_bytes', String(64 << 20)]] : []),
  ...(chooseGroups().holds.has('cpu') ? [['cpu.cfs_quota_us', '150000']] : []),
  ...(chooseGroups().holds.has('tasks') ? [['pids.max', '63']] : []),
] as const;

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a box is refused', () => {
  it('not when nothing is left out', async () => {
    await (await openedThrough({})).verify();
  });

  it.each([
    ['whose root can be written to', without('--remount-ro', 1), '/ can be written to'],
    [
      'that shows more',
      { arguments: (args: readonly string[]) => ['--ro-bind', '/etc', '/etc', ...args] },
      'it shows /etc',
    ],
    ['without a filter', without('--seccomp', 1), 'no filter decides on its system calls'],
    ['in our network', without('--unshare-net'), 'no net namespace of its own'],
    ['among our processes', without('--unshare-pid'), 'not the first of a process namespace'],
    ['with our message queues', without('--unshare-ipc'), 'no ipc namespace of its own'],
    ['among our control groups', without('--unshare-cgroup-try'), 'no cgroup namespace of its own'],
    [
      'under our host name',
      {
        arguments: (args: readonly string[]) =>
          without('--unshare-uts').arguments?.(without('--hostname', 1).arguments?.(args) ?? []) ?? [],
      },
      'no uts namespace of its own',
    ],
    [
      'with capabilities',
      {
        arguments: (args: readonly string[]) =>
          args.map((one, at) => (one === '--cap-drop' && args[at + 1] === 'ALL' ? '--cap-add' : one)),
      },
      'it has capabilities: CapInh',
    ],
    [
      'with more descriptors',
      replaced((one) => one.replace('--nofile=256', '--nofile=255')),
      'Max open files is 255',
    ],
    [
      'that may leave core files',
      replaced((one) => one.replace('--core=0', '--core=1')),
      'Max core file size is 1',
    ],
  ] satisfies [string, Door, string][])('%s', async (_, door, why) => {
    await refusedFor(await openedThrough(door), why);
  });

  if (isRoot)
    it('under another uid, another gid, or in other groups', async () => {
      const home = temporaryHome();
      const uid = async () => {
        await openedThrough({}, home);
        return readRecords(recordPlace({ home })).length;
      };
      expect(await uid()).toBe(1);
      const as = (option: string, value: (now: string) => string): Door => ({
        command: ([program, ...args]) => {
          const at = args.indexOf(option) + 1;
          return [program, ...args.with(at, value(args[at] ?? ''))];
        },
      });
      await refusedFor(await openedThrough(as('--reuid', (now) => String(Number(now) + 1000))), 'its uid is');
      await refusedFor(await openedThrough(as('--regid', (now) => String(Number(now) + 1000))), 'its gid is');
      await refusedFor(
        await openedThrough(replaced((one) => (one === '--clear-groups' ? '--groups=4' : one))),
        'it is in the groups',
      );
    });

  if (hasGroups)
    it('outside its control groups', async () => {
      await refusedFor(await openedThrough({ outsideGroups: true }), 'not in its own');
    });

  it.each(boundFiles)('whose bound in %s is another one', async (file, value) => {
    const home = temporaryHome();
    const box = await openedThrough({}, home);
    const [record] = readRecords(recordPlace({ home }));
    const path = record?.groups.map((group) => join(group, file)).find(existsSync) ?? '';
    writeFileSync(path, value);
    await refusedFor(box, `${file} is`);
  });

  it('whose program does not run', async () => {
    const box = await openBoxThrough({ ...nodeBox(temporaryHome(), ''), argv: ['/bin/nothing'] }, {});
    await expect(box.verify()).rejects.toMatchObject({ code: 'box_unsafe', why: 'its program does not run' });
  });
});
