import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

interface Promised {
  readonly words: string;
  readonly shownBy: readonly { readonly file: string; readonly title: string }[];
}

/** Promises of a page: paragraphs that begin in bold, with the tests listed right below. */
function promisesOf(page: string): Promised[] {
  const [promised = ''] = page.split('\n## What is not promised');
  return [...promised.matchAll(/^\*\*(.+?)\*\*.*(?:\n(?!\n).*)*/gm)].map(([block, words = '']) => ({
    words,
    shownBy: [...block.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, file = '', title = '']) => ({
      file,
      title,
    })),
  }));
}

/** Is there a test, or a group of them, whose title has these words, and which is not left out? */
function hasTest(source: string, title: string): boolean {
  const words = title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<!\.(?:skip|todo|fails))\(\s*(['"\`])[^\n]*${words}`).test(source);
}

/** What is wrong with the promises of a page. */
function unshown(page: string): string[] {
  return promisesOf(page).flatMap(({ words, shownBy }) => {
    if (shownBy.length === 0) return [`no test: ${words}`];
    return shownBy.flatMap(({ file, title }) => {
      if (!existsSync(new URL(file, ROOT))) return [`no such file: ${file}`];
      const isThere = title === 'every case' ? /\.test\.ts$/.test(file) : hasTest(textOf(file), title);
      return isThere ? [] : [`${file} has no test called: ${title}`];
    });
  });
}

test('every promise of docs/security.md names a test that is there', () => {
  const page = textOf('docs/security.md');
  expect(promisesOf(page).length).toBeGreaterThan(30);
  expect(unshown(page)).toEqual([]);
});

test('a promise without a test, and one whose test is gone, are noticed', () => {
  const gone = 'what these words stand in is no test'; // nor is this
  const page = [
    '**Nothing leaks.** Really.\n',
    `**Nothing breaks.**\n- \`test/checks/none.test.ts\`: every case\n- \`test/checks/security.test.ts\`: ${gone}\n`,
  ].join('\n');
  expect(unshown(page)).toEqual([
    'no test: Nothing leaks.',
    'no such file: test/checks/none.test.ts',
    `test/checks/security.test.ts has no test called: ${gone}`,
  ]);
});
