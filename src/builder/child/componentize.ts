import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';
import { messageOf } from '../../kit/index.ts';
import { builderError } from '../errors.ts';
import { WRONG_SHAPE } from '../guest/wrong-shape.ts';
import type { Bundle } from './bundle.ts';

const WIT = fileURLToPath(new URL('../wit', import.meta.url));

/**
 * Makes a bundle a WebAssembly component: the engine loads the module once, here, and its memory afterwards becomes
 * the component's. The world exports `wasi:http/incoming-handler`; the engine's own fetch event, which cannot answer
 * twice, is left out.
 *
 * @param scratchDir where the module lies alone, since the engine sees that folder while it loads the module
 * @param engineCacheDir keeps the engine's machine code between builds: 2 seconds instead of 8
 * @throws TabbifyError `build_failed` when the module throws while it is loaded
 */
export async function componentizeBundle(
  bundle: Bundle,
  scratchDir: string,
  engineCacheDir: string,
): Promise<Uint8Array> {
  const folder = join(scratchDir, 'module');
  await mkdir(folder);
  await mkdir(engineCacheDir, { recursive: true });
  const sourcePath = join(folder, 'app.js');
  await writeFile(sourcePath, bundle.code);
  process.chdir(folder);
  try {
    const { component } = await componentize({
      sourcePath,
      witPath: WIT,
      worldName: 'app',
      // The pre-initialiser's whole environment. Without it, it would write its cache to the user's home.
      env: { XDG_CACHE_HOME: engineCacheDir },
    });
    return component;
  } catch (error) {
    throw loadError(messageOf(error), bundle) ?? error;
  }
}

/** The engine's report of an exception, e.g. `app.js:12:5 ReferenceError: Intl is not defined`. */
function loadError(message: string, bundle: Bundle): Error | null {
  const [, line, column, text] = /^app\.js:(\d+):(\d+) (.*)$/m.exec(message) ?? [];
  if (text === undefined) return null;
  if (text.includes(WRONG_SHAPE)) {
    return builderError('build_failed', {
      what: 'The default export has no `fetch`',
      why: text.slice(text.indexOf(WRONG_SHAPE) + WRONG_SHAPE.length + 2),
      hint: 'Write `export default { fetch(request, env) { … } };`; for a function f, `export default { fetch: f };`.',
    });
  }
  const place = bundle.placeOf(Number(line), Number(column));
  return builderError('build_failed', {
    what: `${place === null ? '' : `${place}: `}the app failed while it was loaded`,
    why: text,
    hint: /is not defined$/.test(text)
      ? 'wasm-http has no such global; use another way, or guard it with `typeof`.'
      : 'Code outside `fetch` runs once, at build time, without network, timers and environment: move it into `fetch`.',
  });
}
