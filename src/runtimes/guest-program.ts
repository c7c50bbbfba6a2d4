import { fileURLToPath } from 'node:url';

/** The program that runs in a worker's box: the name it is laid down under beside the runner, and the module it is made of. */
export const WORKER_GUEST = {
  name: 'worker-guest.mjs',
  /** `.ts` in a checkout, `.js` in the published package. */
  entry: fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? './worker/guest/main.ts' : './worker/guest/main.js',
      import.meta.url,
    ),
  ),
} as const;
