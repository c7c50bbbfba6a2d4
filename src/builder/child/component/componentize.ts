import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';
import { messageOf } from '../../../kit/index.ts';
import type { Bundle } from './bundle.ts';
import { loadError } from './load-error.ts';

const WIT = fileURLToPath(new URL('../../wit', import.meta.url));

/**
 * Makes a bundle a WebAssembly component: the engine loads the module once, here, and its memory afterwards becomes
 * the component's. The world exports `wasi:http/incoming-handler`; the engine's own fetch event, which cannot answer
 * twice, is left out.
 *
 * @param scratchDir where the module lies alone, since the engine sees that folder while it loads the module
 * @param engineCacheDir keeps the engine's machine code between builds: 2 seconds instead of 8
 * @param name by which stacks name its places
 * @throws TabbifyError `build_failed` when the module throws while it is loaded
 */
export async function componentizeBundle(
  bundle: Pick<Bundle, 'code' | 'placeOf'>,
  scratchDir: string,
  engineCacheDir: string,
  name: 'app.js' | 'engine.js' = 'app.js',
): Promise<Uint8Array> {
  const folder = join(scratchDir, 'module');
  await mkdir(folder);
  await mkdir(engineCacheDir, { recursive: true });
  const sourcePath = join(folder, name);
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
