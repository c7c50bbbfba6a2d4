import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Hole } from '../attack.ts';
import type { Inside } from './inside.ts';
import { INSIDE_PROGRAM, NATIVE_FLAGS, overControl } from './native.ts';

/**
 * A box made by hand that one wall is missing of, and whose program calls the kernel as it likes: attacks come through, and the
 * harness must see it. The product has no way of making such a box.
 */
export async function openHole(hole: Hole): Promise<Inside> {
  const libraries = (process.report.getReport() as { sharedObjects: string[] }).sharedObjects;
  const files = libraries.filter((path) => path.startsWith('/')).flatMap((path) => ['--ro-bind', path, path]);
  const devices = ['null', 'zero', 'random', 'urandom'].map((name) => `/dev/${name}`);
  const root =
    hole === 'files'
      ? ['--dev-bind', '/', '/']
      : [
          ...files,
          ...['--dir', '/dev', ...devices.flatMap((path) => ['--dev-bind', path, path])],
          ...['--size', String(16 << 20), '--tmpfs', '/tmp'],
          ...['--ro-bind', process.execPath, process.execPath, '--ro-bind', INSIDE_PROGRAM, INSIDE_PROGRAM],
        ];
  const args = [
    ...['--unshare-user', '--unshare-ipc', '--unshare-uts', '--hostname', 'box'],
    ...(hole === 'processes' ? [] : ['--unshare-pid']),
    ...(hole === 'network' ? [] : ['--unshare-net']),
    ...['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv', ...root],
    ...(hole === 'files' ? [] : ['--remount-ro', '/']),
  ];
  const program = [process.execPath, ...NATIVE_FLAGS, INSIDE_PROGRAM];
  const command = hole === 'box' ? program : ['/usr/bin/bwrap', ...args, '--', ...program];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const ended = once(child, 'exit');
  return overControl(
    child.stdio[3] as Duplex,
    () => child.exitCode === null && child.signalCode === null,
    async () => {
      child.kill('SIGKILL');
      await ended;
    },
  );
}
