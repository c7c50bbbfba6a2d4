import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** Name of the app's main module within the entry module. */
const MAIN = 'tabbify:main';
const NAMESPACE = 'tabbify';

/** The version the engine speaks (see wit/app.wit). */
const WASI = '0.2.10';

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** First module of every bundle: binds the app to the component's one export. */
const ENTRY = `
import './process${EXTENSION}';
import './console${EXTENSION}';
import './streams${EXTENSION}';
import app from '${MAIN}';
import { createHandler } from './handler${EXTENSION}';
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@${WASI}';
import { poll } from 'wasi:io/poll@${WASI}';
import { subscribeDuration } from 'wasi:clocks/monotonic-clock@${WASI}';
import { getEnvironment } from 'wasi:cli/environment@${WASI}';
const http = { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam };
export const incomingHandler = createHandler(app, { http, poll, subscribeDuration, getEnvironment });
`;

/** Entry point to give to the bundler. */
export const GUEST_ENTRY = 'tabbify:entry';

/**
 * Supplies the guest shim from the platform's own folder. Its modules have a namespace of their own, so that nothing
 * in the app can reach them or the WASI interfaces by name.
 *
 * @param main absolute path of the app's main module
 */
export function guestSource(main: string): Plugin {
  return {
    name: 'tabbify-guest',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => {
        if (args.path === GUEST_ENTRY && args.kind === 'entry-point')
          return { path: 'entry', namespace: NAMESPACE };
        if (args.namespace !== NAMESPACE) return undefined;
        if (args.path === MAIN) return { path: main };
        if (args.path.startsWith('wasi:')) return { path: args.path, external: true };
        return { path: args.path, namespace: NAMESPACE };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async (args) => {
        if (args.path === 'entry') return { contents: ENTRY, loader: 'js' };
        const file = fileURLToPath(new URL(`../../guest/${args.path}`, import.meta.url));
        return { contents: await readFile(file, 'utf8'), loader: EXTENSION === '.ts' ? 'ts' : 'js' };
      });
    },
  };
}
