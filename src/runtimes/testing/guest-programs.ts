import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { madeOnce } from '../../kit/testing/index.ts';
import { GUEST_PROGRAMS } from '../guest-program.ts';

/** Lays the programs of boxes down in a folder, as the runner's bundle has them; they are bundled once for all files of a test run. */
export async function layDownGuests(folder: string): Promise<void> {
  const kept = await madeOnce('guests', bundleInto);
  if (kept === null) await bundleInto(folder);
  else await cp(kept, folder, { recursive: true });
}

async function bundleInto(folder: string): Promise<void> {
  await Promise.all(
    Object.values(GUEST_PROGRAMS).map(({ name, entry }) =>
      build({
        entryPoints: [entry],
        outfile: join(folder, name),
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node26',
        logLevel: 'silent',
        tsconfigRaw: {},
        plugins: [dropUnused],
      }),
    ),
  );
}

/** Modules of ours do nothing by being imported: what nothing is used of is left out. */
const dropUnused: Plugin = {
  name: 'drop-unused',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.{1,2}\// }, async (args) => {
      if (args.pluginData === 'resolved' || args.importer.includes('/node_modules/')) return null;
      const { importer, resolveDir, kind } = args;
      const found = await bundler.resolve(args.path, { importer, resolveDir, kind, pluginData: 'resolved' });
      return { ...found, sideEffects: false };
    });
  },
};
