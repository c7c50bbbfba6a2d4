import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ROOT } from '../test/e2e/process.ts';

const TINY = join(ROOT, 'examples/tiny');

/** `examples/tiny` under another name, as the CLI sends it. @param more last lines of its manifest, under `[runtime]` */
export async function tinyArchive(
  uuid: string,
  name: string,
  more: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const manifest = await readFile(join(TINY, 'tabbify.toml'), 'utf8');
  const tar = pack();
  tar.entry({ name: 'app.wasm' }, await readFile(join(TINY, 'app.wasm')));
  tar.entry(
    { name: 'tabbify.toml' },
    manifest.replace('name = "tiny"', `id = "${uuid}"\nname = "${name}"`) + more,
  );
  tar.finalize();
  return gzipSync(await buffer(tar));
}
