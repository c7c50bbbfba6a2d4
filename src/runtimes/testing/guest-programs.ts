import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { GUEST_PROGRAMS } from '../guest-program.ts';

/** Bundles the programs of boxes into a folder, as the runner's bundle has them. */
export async function layDownGuests(folder: string): Promise<void> {
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
