import { readFile } from 'node:fs/promises';
import { fileOfApp } from '../../app-file.ts';
import { builderError } from '../../errors.ts';

/**
 * Reads a component an app ships ready-made.
 *
 * @param root real path of the app's folder
 * @param entry path of the component inside it
 * @throws TabbifyError `build_failed` when it is missing, lies outside or is no component
 */
export async function readComponent(root: string, entry: string): Promise<Uint8Array> {
  const failed = (why: string, hint: string): Error =>
    builderError('build_failed', { what: `The component ${entry} cannot be used`, why, hint });
  const name = 'Name a component of the app as `entry` under `[runtime]` in tabbify.toml.';
  const path = await fileOfApp(root, entry);
  if (path === null) {
    throw failed(
      "no such file lies in the app's folder (links that lead out of it are not followed)",
      `Build it before you push. ${name}`,
    );
  }
  const bytes = await readFile(path);
  const [magic, version, layer] = [bytes.toString('latin1', 0, 4), bytes[4], bytes[6]];
  if (magic !== '\0asm') throw failed('it is not WebAssembly', name);
  if (version === 1 && layer === 0) {
    throw failed(
      'it is a core module, not a component',
      'Make it a component: `wasm-tools component new`, or a compiler target such as wasm32-wasip2.',
    );
  }
  return bytes;
}
