import { expect, it } from 'vitest';
import { nodeBox } from '../testing/box-of.ts';
import { boxArguments } from './arguments.ts';
import { launchCommand } from './command.ts';
import { stageOf } from './stage.ts';

const FDS = { info: 3, gate: 4, arguments: 5, filter: 6 };
const PROGRAMS = { bwrap: '/bwrap', prlimit: '/prlimit', setpriv: '/setpriv', mkfifo: '/mkfifo' };
const SOURCES = {
  libraries: ['/lib/libc.so.6'],
  files: [{ from: '/srv/home/node', to: '/bin/node' }],
  writable: [{ from: '/srv/home/work', to: '/work' }],
};

it('shows a box what it was given, read-only but for what it may write to', () => {
  const args = boxArguments({ ...nodeBox('/srv/home', ''), profile: 'tool' }, SOURCES, FDS).join(' ');
  expect(args).toContain('--ro-bind /lib/libc.so.6 /lib/libc.so.6');
  expect(args).toContain('--ro-bind /srv/home/node /bin/node --bind /srv/home/work /work');
  expect(args).toContain('--size 8388608 --tmpfs /tmp --proc /proc ');
  expect(args.indexOf('--remount-ro / ')).toBeGreaterThan(args.indexOf('--bind /srv/home/work'));
  expect(boxArguments(nodeBox('/srv/home', ''), SOURCES, FDS)).not.toContain('--proc');
});

it('starts as an ordinary user what makes the box, and as root, before that, what sets the stage for its uid', () => {
  const parts = { programs: PROGRAMS, limits: ['--core=0'], argumentsFd: 5, argv: ['/bin/node', 'x'] };
  const box = ['/prlimit', '--core=0', '--', '/bwrap', '--args', '5', '--', '/bin/node', 'x'];
  expect(launchCommand({ ...parts, stage: null })).toEqual(box);
  const stage = { arguments: stageOf(SOURCES).arguments, uid: 1_879_048_192 };
  expect(launchCommand({ ...parts, stage })).toEqual([
    ...['/bwrap', '--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', '/tmp'],
    ...['--ro-bind', '/srv/home/node', '/tmp/r0', '--bind', '/srv/home/work', '/tmp/w0', '--'],
    ...['/setpriv', '--reuid', '1879048192', '--regid', '1879048192', '--clear-groups', '--'],
    ...box,
  ]);
});
