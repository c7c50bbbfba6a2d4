import { type App, createHandler, type IncomingHandler } from './handler.ts';
import { type Loading, NeverDone } from './only-in-requests.ts';
import type { Wasi } from './wasi.ts';

/** A bundle as text: evaluated, it is a function that hands over the app when it is called. */
type Bundle = (take: (app: App) => void) => Promise<void>;

/** A place in the bundle, as stacks name it. */
const PLACE = /@app\.js:(\d+):(\d+)/;

/** Characters; whoever reads it takes it in one piece. */
const MAX_REPORT = 8_000;

/** What the engine tells of errors beside the standard. */
interface PlacedError extends Error {
  readonly fileName?: string;
  readonly lineNumber?: number;
  readonly columnNumber?: number;
}

/**
 * An `incoming-handler` without an app: the body of its first request, which is the platform's, is the bundle that answers all
 * others. That request is answered with 500 and what is wrong with it where it cannot be loaded, in the form that the tool that makes
 * components reports it.
 */
export function createEngine(wasi: Wasi, loading: Loading): IncomingHandler {
  let app: IncomingHandler | null = null;
  const load = createHandler(
    {
      async fetch(request) {
        const text = await request.text();
        loading.begin();
        try {
          let taken: App | null = null;
          // The name is what the bundle's places are told by.
          // biome-ignore lint/security/noGlobalEval: it is the app, in the instance that is the app's alone
          const run = globalThis.eval(`${text}\n//# sourceURL=app.js`) as Bundle;
          const running = run((given) => {
            taken = given;
          });
          await loading.untilDone(running);
          app = createHandler(taken as unknown as App, wasi);
          return new Response(null, { status: 204 });
        } catch (error) {
          return new Response(reportOf(error).slice(0, MAX_REPORT), { status: 500 });
        } finally {
          loading.end();
        }
      },
    },
    // An app is loaded without its environment.
    { ...wasi, getEnvironment: () => [] },
  );
  return { handle: (incoming, outparam) => (app ?? load).handle(incoming, outparam) };
}

/** E.g. `app.js:12:5 ReferenceError: Intl is not defined`. */
function reportOf(error: unknown): string {
  if (error instanceof NeverDone) return error.message;
  if (!(error instanceof Error)) return `uncaught exception: ${String(error)}`;
  const { fileName, lineNumber, columnNumber, stack } = error as PlacedError;
  const [, line, column] = PLACE.exec(String(stack)) ?? [];
  const text = `${error.name}: ${error.message}`;
  if (fileName === 'app.js') return `app.js:${lineNumber}:${columnNumber} ${text}`;
  return line === undefined ? `uncaught exception: ${text}` : `app.js:${line}:${column} ${text}`;
}
