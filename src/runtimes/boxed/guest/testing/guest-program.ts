import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const GUEST_FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));

/** The guest, bundled, in a folder of its own; its argument is the path of the channel's socket. */
export async function buildGuestProgram(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'guest-'));
  const path = join(folder, 'guest.mjs');
  await build({
    stdin: {
      contents: `import { startGuest } from './guest.ts'; startGuest(process.argv[2]);`,
      resolveDir: GUEST_FOLDER,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    outfile: path,
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  return { folder, path };
}
