import { builderError } from '../../errors.ts';
import { WRONG_SHAPE } from '../../guest/wrong-shape.ts';
import type { Bundle } from './bundle.ts';

const NO_UNICODE_CLASSES =
  'The engine of wasm-http knows no Unicode classes in regular expressions (`\\p{L}`): write the ranges that are meant, or run the app as `worker`.';

const AT_BUILD_TIME =
  'Code outside `fetch` runs once, at build time, without network, timers and environment: move it into `fetch`.';

/**
 * The same of an app that an engine was to load when it ran: always an error of the app.
 *
 * @param why what the engine or its host reports
 */
export function engineLoadError(why: string, bundle: Pick<Bundle, 'placeOf'>): Error {
  return loadError(why, bundle) ?? failedLoading(why);
}

/**
 * What the author can do about a module that could not be loaded; null when it is not the module's fault.
 *
 * @param message of the tool that loads it
 */
export function loadError(message: string, bundle: Pick<Bundle, 'placeOf'>): Error | null {
  return wrongShape(message) ?? exceptionAtPlace(message, bundle) ?? endOfLoading(message);
}

function wrongShape(message: string): Error | null {
  const [, text] = new RegExp(`${WRONG_SHAPE}: (.*)$`, 'm').exec(message) ?? [];
  if (text === undefined) return null;
  return builderError('build_failed', {
    what: 'The default export has no `fetch`',
    why: text,
    hint: 'Write `export default { fetch(request, env) { … } };`; for a function f, `export default { fetch: f };`.',
  });
}

/** The engine's report of an exception, e.g. `app.js:12:5 ReferenceError: Intl is not defined`. */
function exceptionAtPlace(message: string, bundle: Pick<Bundle, 'placeOf'>): Error | null {
  const [, line, column, text] = /^app\.js:(\d+):(\d+) (.*)$/m.exec(message) ?? [];
  if (text === undefined) return null;
  const place = bundle.placeOf(Number(line), Number(column));
  return builderError('build_failed', {
    what: `${place === null ? '' : `${place}: `}the app failed while it was loaded`,
    why: text,
    hint: hintFor(text),
  });
}

function hintFor(text: string): string {
  if (/class property name in regular expression/.test(text)) return NO_UNICODE_CLASSES;
  return /is not defined$/.test(text)
    ? 'wasm-http has no such global: run the app as `worker` (leave `runtime.type` out of tabbify.toml), use another way, or guard it with `typeof`.'
    : AT_BUILD_TIME;
}

/** Ends that have no place in the source, each by the words the tool has for it. */
function endOfLoading(message: string): Error | null {
  const [, exception] = /^uncaught exception: (.*)$/m.exec(message) ?? [];
  if (exception !== undefined) return failedLoading(exception);
  const [, called] = /attempted to call an unknown imported function: '([^']+)'/.exec(message) ?? [];
  if (called !== undefined) return failedLoading(`it called ${called}, which is not there at build time`);
  if (/^Error: the `\S+` function trapped$/m.test(message)) return failedLoading('its engine broke down');
  if (message.includes('does not export a "incomingHandler"')) {
    return failedLoading('it was never done: a top-level `await` waits for what does not come');
  }
  return null;
}

function failedLoading(why: string): Error {
  return builderError('build_failed', {
    what: 'The app failed while it was loaded',
    why,
    hint: AT_BUILD_TIME,
  });
}
