import { build } from 'esbuild';
import { megabytes } from '../megabytes.ts';
import type { Say } from '../protocol.ts';
import { componentizeBundle } from './componentize.ts';
import { GUEST_ENTRY, guestSource } from './guest-source.ts';

/**
 * Makes the component that has an engine and no app: it takes one when it runs.
 *
 * @param scratchDir see `componentizeBundle`
 */
export async function engineComponent(
  scratchDir: string,
  engineCacheDir: string,
  say: Say,
): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [GUEST_ENTRY],
    outfile: '/engine.js',
    bundle: true,
    write: false,
    format: 'esm',
    charset: 'utf8',
    target: 'es2022',
    tsconfigRaw: {},
    logLevel: 'silent',
    plugins: [guestSource(null, 'engine')],
  });
  const code = outputFiles[0]?.text ?? '';
  say('componentize', `the engine, ${megabytes(code.length)}`);
  return componentizeBundle({ code, placeOf: () => null }, scratchDir, engineCacheDir, 'engine.js');
}
