import type { BuildOptions } from 'esbuild';
import { type AppTree, packageFolders } from './app-tree.ts';

/** What the bundler does alike whatever an app is built into, so that one source means the same as a component and as a module. */
export function bundlerOptions({ root, packages }: AppTree) {
  return {
    absWorkingDir: root,
    // Packages that lie elsewhere keep the names that they have behind a link, so that they are known for packages.
    ...(packages !== null && { nodePaths: packageFolders({ root, packages }), preserveSymlinks: true }),
    bundle: true,
    write: false,
    format: 'esm',
    charset: 'utf8',
    // Given here, so that no tsconfig.json is looked for, inside the app's folder or above it.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true } },
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  } as const satisfies BuildOptions;
}

/** Constants that every app is built with. */
export const DEFINED = { 'process.env.NODE_ENV': '"production"' } as const;
