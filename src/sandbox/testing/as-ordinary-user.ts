import { chownSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findPrograms } from '../launch/programs.ts';

/** Somebody who is not root; nobody has this number. */
const SOMEBODY = 59_321;

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** How a program of this checkout is started, and where it finds a folder. */
export interface Start {
  readonly command: readonly [string, ...string[]];
  /** The folder, as the program sees it. */
  readonly folder: string;
}

/**
 * Starts a program of this checkout as whoever runs the tests, or, when that is root, as somebody else; that one needs no way to the checkout,
 * which may lie where only root gets.
 *
 * @param program path below the checkout
 * @param folder one that it may write to
 */
export function startOf(program: string, folder: string, asRoot: boolean): Start {
  const isRoot = process.getuid?.() === 0;
  if (asRoot || !isRoot) return { command: [process.execPath, `${CHECKOUT}/${program}`], folder };
  const { bwrap = '', setpriv = '' } = findPrograms();
  chownSync(folder, SOMEBODY, SOMEBODY);
  const uid = String(SOMEBODY);
  return {
    command: [
      ...[bwrap, '--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', '/mnt'],
      ...['--ro-bind', CHECKOUT, '/mnt/checkout', '--ro-bind', process.execPath, '/mnt/node'],
      ...['--bind', folder, '/mnt/folder', '--'],
      ...[setpriv, '--reuid', uid, '--regid', uid, '--clear-groups', '--'],
      ...['/mnt/node', `/mnt/checkout/${program}`],
    ] as [string, ...string[]],
    folder: '/mnt/folder',
  };
}
