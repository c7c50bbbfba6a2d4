import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** Name of the app's main module within the entry module. */
const MAIN = 'tabbify:main';
const NAMESPACE = 'tabbify';

/** The version the engine speaks (see wit/app.wit). */
const WASI = '0.2.10';

/** Name under which a bundle for an engine finds whom to hand its app. */
export const TAKE = '__tabbifyTake';

/** `.ts` in a checkout, `.js` in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** What every component has around an app. */
const AROUND = `
import './process${EXTENSION}';
import './console${EXTENSION}';
import './streams${EXTENSION}';
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from 'wasi:http/types@${WASI}';
import { poll } from 'wasi:io/poll@${WASI}';
import { subscribeDuration } from 'wasi:clocks/monotonic-clock@${WASI}';
import { getEnvironment } from 'wasi:cli/environment@${WASI}';
const http = { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam };
const wasi = { http, poll, subscribeDuration, getEnvironment };
`;

/** First modules of bundles. */
const ENTRIES = {
  /** Binds the app to the component's one export. */
  component: `${AROUND}
import app from '${MAIN}';
import { createHandler } from './handler${EXTENSION}';
export const incomingHandler = createHandler(app, wasi);
`,
  /** An engine: takes its app when it runs. */
  engine: `${AROUND}
import { createEngine } from './engine${EXTENSION}';
import { refuseWhileLoading } from './only-in-requests${EXTENSION}';
export const incomingHandler = createEngine(wasi, refuseWhileLoading());
`,
  /** What an engine takes: hands over the app by a name of the function around it. */
  loaded: `
import app from '${MAIN}';
${TAKE}(app);
`,
} as const;

/** What is made of an app, or without one. */
export type GuestKind = keyof typeof ENTRIES;

/** Entry point to give to the bundler. */
export const GUEST_ENTRY = 'tabbify:entry';

/**
 * Supplies the guest shim from the platform's own folder. Its modules have a namespace of their own, so that nothing
 * in the app can reach them or the WASI interfaces by name.
 *
 * @param main absolute path of the app's main module; null: an engine has none
 */
export function guestSource(main: string | null, kind: GuestKind = 'component'): Plugin {
  return {
    name: 'tabbify-guest',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => {
        if (args.path === GUEST_ENTRY && args.kind === 'entry-point')
          return { path: 'entry', namespace: NAMESPACE };
        if (args.namespace !== NAMESPACE) return undefined;
        if (args.path === MAIN && main !== null) return { path: main };
        if (args.path.startsWith('wasi:')) return { path: args.path, external: true };
        return { path: args.path, namespace: NAMESPACE };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async (args) => {
        if (args.path === 'entry') return { contents: ENTRIES[kind], loader: 'js' };
        const file = fileURLToPath(new URL(`../../guest/${args.path}`, import.meta.url));
        return { contents: await readFile(file, 'utf8'), loader: EXTENSION === '.ts' ? 'ts' : 'js' };
      });
    },
  };
}
