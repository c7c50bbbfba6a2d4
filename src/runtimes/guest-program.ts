import { fileURLToPath } from 'node:url';

/** The program that runs in the box of an app: the name it is laid down under beside the runner, and the module it is made of. */
export const BOX_GUEST = {
  name: 'guest.mjs',
  /** `.ts` in a checkout, `.js` in the published package. */
  entry: fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? './boxed/guest/main.ts' : './boxed/guest/main.js',
      import.meta.url,
    ),
  ),
} as const;
