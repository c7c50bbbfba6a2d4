import type { Loader } from 'esbuild';

/** What an app may import, and as what: code, text, or bytes (`Uint8Array`). */
export const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
  '.md': 'text',
  '.html': 'text',
  '.css': 'text',
  '.svg': 'text',
  '.sql': 'text',
  '.csv': 'text',
  '.png': 'binary',
  '.jpg': 'binary',
  '.jpeg': 'binary',
  '.gif': 'binary',
  '.webp': 'binary',
  '.ico': 'binary',
  '.woff2': 'binary',
  '.wasm': 'binary',
};
