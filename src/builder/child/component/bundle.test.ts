import { beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../app-folder.fixture.ts';
import { failureOf } from '../../failure.fixture.ts';
import { bundleApp } from './bundle.ts';

const MAIN = 'src/index.ts';

let app: TemporaryFolder;
beforeEach(async () => {
  app = await temporaryFolder();
  return () => app[Symbol.asyncDispose]();
});

describe('bundleApp', () => {
  it('bundles TypeScript, JSON, text and bytes of the app into one module that imports WASI alone', async () => {
    const root = await app.write({
      [MAIN]: `import { name } from './name.ts'; import data from '../data.json'; import text from '../text.txt'; import icon from '../icon.png';
       export default { fetch: (): Response => new Response([name, data.a, text, icon.length].join()) };`,
      'src/name.ts': 'export const name: string = "inner";',
      'data.json': '{"a":1}',
      'text.txt': 'words',
      'icon.png': 'PNG',
    });
    const { code } = await bundleApp(root, MAIN);
    expect(code).toContain('inner');
    expect(code).toContain('words');
    expect(new Set([...code.matchAll(/from "([^"]+)"/g)].map((match) => match[1]?.split('@')[0]))).toEqual(
      new Set(['wasi:http/types', 'wasi:io/poll', 'wasi:clocks/monotonic-clock', 'wasi:cli/environment']),
    );
  });

  it.each(['node:fs', 'fs', 'node:child_process', 'http'])(
    'says that %s is not there and what is',
    async (name) => {
      const root = await app.write({
        [MAIN]: `import * as m from '${name}'; export default { fetch: () => new Response(m) };`,
      });
      const error = await failureOf(bundleApp(root, MAIN));
      expect(error.what).toMatch(new RegExp(`^${MAIN}:1:20: "${name}" is not there.*wasm-http`));
      expect(error.hint).toContain('worker');
    },
  );

  it('says what a default export is when there is none', async () => {
    const error = await failureOf(bundleApp(await app.write({ [MAIN]: 'export const fetch = 1;' }), MAIN));
    expect(error).toMatchObject({
      what: `${MAIN} has no default export`,
      hint: expect.stringContaining('export default'),
    });
  });

  it('knows where a place of the bundle stands in the source', async () => {
    const root = await app.write({
      [MAIN]:
        '\n\nconst marker = Math.trunc(4.2);\nexport default { fetch: () => new Response(String(marker)) };',
    });
    const { code, placeOf } = await bundleApp(root, MAIN);
    const lines = code.split('\n');
    const line = lines.findIndex((text) => text.includes('Math.trunc'));
    expect(placeOf(line + 1, (lines[line]?.indexOf('Math') ?? 0) + 1)).toBe('src/index.ts:3:16');
  });
});
