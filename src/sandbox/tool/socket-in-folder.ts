import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppChannel, serveChannel } from '../../egress/index.ts';

/** A socket that a box is shown. */
export interface ShownSocket extends AsyncDisposable {
  readonly path: string;
}

/**
 * Serves a channel in a folder however long its path is: a socket's own path has a limit of 107 bytes, which a way through
 * `/proc/self/fd` keeps.
 */
export async function serveInFolder(channel: AppChannel, folder: string, name: string): Promise<ShownSocket> {
  const held = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const server = await serveChannel(channel, `/proc/self/fd/${held.fd}/${name}`, { anyUser: true });
    return {
      path: join(folder, name),
      async [Symbol.asyncDispose]() {
        await server.close(); // removes the socket by the same way
        await held.close();
      },
    };
  } catch (error) {
    await held.close();
    throw error;
  }
}
