import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the platform says what went wrong: closed lists of rooms, problems for visitors, and the sdk in an app. */
const SOURCES = 'src/**/*.ts';
const SDK = 'sdk/src/*.ts';

/** `code: { status: 404, title: 'Unknown app' }` of a room's list. */
const LISTED = /^ {2}(\w+): \{\s*status: \d+,\s*title: (['"])(.+?)\2,?\s*\}/gm;
/** `problem('app_busy', 503, 'App is busy', …)`. */
const PROBLEM = /\bproblem\(\s*'([a-z_]+)',\s*\d+,\s*(['"])(.+?)\2/g;
/** A problem+json that is written out, and what the sdk says by itself. */
const WRITTEN = /\btype: 'urn:tabbify:problem:([a-z_]+)'/g;
const OF_SDK = /\bmisuse\(\s*'([a-z_]+)'|\bcode: '([a-z_]+)'|\bcode \?\? '([a-z_]+)'/g;

/** Every error code in the code of the platform, with the titles that it has. */
export async function errorCodes(root: string, glob: (pattern: string) => Iterable<string>) {
  const codes = new Map<string, Set<string>>();
  const add = (code: string | undefined, title?: string): void => {
    if (code === undefined) return;
    const titles = codes.get(code) ?? new Set();
    codes.set(code, title === undefined ? titles : titles.add(title));
  };
  const isTried = (path: string): boolean =>
    /\.test\.ts$|\.conformance\.ts$|\.fixture\.ts$|\/testing\//.test(path);
  for (const path of [...glob(SOURCES), ...glob(SDK)].filter((each) => !isTried(each))) {
    const text = await readFile(join(root, path), 'utf8');
    if (/\bdefineErrors\(/.test(text))
      for (const [, code, , title] of text.matchAll(LISTED)) add(code, title);
    for (const [, code, , title] of text.matchAll(PROBLEM)) add(code, title);
    for (const [, code] of text.matchAll(WRITTEN)) add(code);
    if (path.startsWith('sdk/')) for (const [, ...found] of text.matchAll(OF_SDK)) add(found.find(Boolean));
  }
  return codes;
}
