import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../../kit/index.ts';
import type { ShownFile } from '../box.ts';
import { nodeLibraries } from '../launch/libraries.ts';
import { UID_INSIDE } from '../profile.ts';

/** The node that runs this process. */
export const NODE_IN_BOX = '/usr/bin/node';
/** As for apps. */
export const CHANNEL_IN_BOX = '/run/tabbify/channel.sock';

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const LAUNCHER = fileURLToPath(new URL(`./inside/launcher.${EXTENSION}`, import.meta.url));
export const LAUNCHER_IN_BOX = `/run/tabbify/launcher.${EXTENSION}`;

/** What the C library reads: names of loopback, and of the one user there is. */
const ETC: Readonly<Record<string, string>> = {
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
  passwd: `nobody:x:${UID_INSIDE}:${UID_INSIDE}:nobody:/tmp:/bin/false\n`,
  group: `nobody:x:${UID_INSIDE}:\n`,
};

/** Parts of the C library that node itself does not load, but its add-ons may: of bundlers, for instance. */
const C_LIBRARY = [
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'libresolv.so.2',
  'librt.so.1',
  'libutil.so.1',
];

/** Those that this machine has, beside the C library that node loads. */
function moreLibraries(): ShownFile[] {
  const loaded = nodeLibraries();
  const folder = dirname(loaded.find((path) => basename(path).startsWith('libc.so')) ?? '/lib/libc.so');
  return C_LIBRARY.map((name) => join(folder, name))
    .filter((path) => !loaded.includes(path) && existsSync(path))
    .map((path) => ({ from: path, to: path }));
}

/** What is in every box for a tool. */
export async function toolFiles(home: string): Promise<ShownFile[]> {
  const folder = join(home, 'boxes-etc');
  for (const [name, content] of Object.entries(ETC)) {
    const file = join(folder, name);
    const is = await readFile(file, 'utf8').catch(() => null);
    if (is !== content) await writeFileAtomic(file, content);
    await chmod(file, 0o644); // the uid of a box reads it, whatever the umask is
  }
  return [
    { from: process.execPath, to: NODE_IN_BOX },
    { from: LAUNCHER, to: LAUNCHER_IN_BOX },
    ...moreLibraries(),
    ...Object.keys(ETC).map((name) => ({ from: join(folder, name), to: `/etc/${name}` })),
  ];
}
