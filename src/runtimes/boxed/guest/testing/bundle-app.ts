import { build } from 'esbuild';

/** An app that uses packages, as one module. */
export async function bundleApp(source: string): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    logLevel: 'silent',
    tsconfigRaw: {},
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    },
  });
  return result.outputFiles[0]?.text ?? '';
}
