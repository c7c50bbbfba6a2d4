import type { BuildOptions } from 'esbuild';

/** What the bundler does alike whatever an app is built into, so that one source means the same as a component and as a module. */
export function bundlerOptions(root: string) {
  return {
    absWorkingDir: root,
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
