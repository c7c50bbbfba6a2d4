import type { SourceReader } from '../../dev/index.ts';
import { readAppSource, warningTexts } from '../check/app-source.ts';
import { listAppFiles } from '../push/app-files.ts';

/** Reads an app's folder as a push does. @param dir relative to `cwd` or absolute */
export function sourceReader(cwd: string, dir: string): SourceReader {
  return {
    async read() {
      const source = await readAppSource(cwd, dir, false);
      const { root, manifestText, manifest, diagnostics } = source;
      return { root, manifestText, manifest, diagnostics, warnings: warningTexts(source) };
    },
    async pushedFiles() {
      const { root } = await readAppSource(cwd, dir, false);
      return new Set((await listAppFiles(root)).map(({ path }) => path));
    },
  };
}
