import { rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { newSocketPath } from './socket-names.ts';

/** A unix socket that listens, for somebody else to accept on. */
export interface Listener {
  /** What clients connect to. */
  readonly path: string;
  /** To be handed to a child process. */
  readonly fd: number;
  /** Closes this process's own handle; who was given the descriptor goes on. */
  release(): Promise<void>;
  /** Takes the name away. */
  remove(): Promise<void>;
}

/** Connections that may wait to be accepted. */
const BACKLOG = 511;

/**
 * Binds a unix socket of a random name. Closing a server unlinks the name that it was bound to, so the socket is bound to
 * another and renamed before anybody knows of it.
 *
 * @param folder 0700
 */
export async function bindListener(folder: string): Promise<Listener> {
  const path = newSocketPath(folder, 'w');
  const bound = `${path}.t`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: bound, backlog: BACKLOG }, resolve);
  });
  await rename(bound, path);
  return {
    path,
    fd: descriptorOf(server),
    release: () => new Promise((resolve) => void server.close(() => resolve())),
    remove: () => rm(path, { force: true }),
  };
}

/** Node has no public way to a server's descriptor. */
function descriptorOf(server: object): number {
  const { _handle: handle } = server as { readonly _handle?: { readonly fd?: number } };
  if (handle?.fd === undefined || handle.fd < 0) throw new Error('the listener has no descriptor');
  return handle.fd;
}
