/**
 * How Node is started in the box. Node's permission model is a second layer behind the box, not the boundary: it takes away what an
 * app has no use for there (child processes, worker threads, WASI, the inspector, `node:ffi`, files), and a program that breaks out
 * of it is still in the box. It does not cover all: `node:sqlite` opens any file that the box shows (Node 26.10).
 */
export const GUEST_NODE_FLAGS: readonly string[] = [
  '--permission',
  '--allow-fs-read=/app/*',
  '--allow-fs-read=/tmp/*',
  '--allow-fs-write=/tmp/*',
  '--allow-fs-read=/run/secrets/*',
  '--allow-fs-write=/run/secrets/*', // the guest gives that up before there is an app
  '--allow-net', // the listener, and the socket that is the way out; the box has no network
  '--no-addons',
  '--disable-sigusr1', // does not open the inspector
  '--disable-warning=ExperimentalWarning', // what --allow-net says to everyone
];
