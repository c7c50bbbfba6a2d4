import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Hex digits of a socket's name: the path of one is at most 107 bytes. */
const NAME_LENGTH = 16;

/** What the app sees as `/data`, in the folder of its data. */
export const FILES_FOLDER = 'files';

/** Where the data of all environments of an app lie on its host: only a purge removes it. */
export function appDataFolder(home: string, app: string): string {
  return join(home, 'data', app);
}

/** Where the data of one (app, environment) lies on its host. */
export function dataFolder(home: string, app: string, environment: string): string {
  return join(appDataFolder(home, app), environment);
}

/** Path of the socket that the data of a folder is served at: everybody who knows the folder knows it. */
export function dataSocket(sockets: string, folder: string): string {
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, NAME_LENGTH);
  return join(sockets, `${name}.sock`);
}
