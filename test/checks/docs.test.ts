import { globSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from './error-codes.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const glob = (pattern: string) => globSync(pattern, { cwd: ROOT });

/** Tokens of a model for one byte of English and code, at the very most. */
const TOKENS_PER_BYTE = 1 / 3;

describe('docs/troubleshooting.md', () => {
  it('has one entry for every error code there is, under a title that it has, and none that is made up', async () => {
    const codes = await errorCodes(ROOT, glob);
    expect(codes.size).toBeGreaterThan(120);
    const page = await read('docs/troubleshooting.md');
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (.*?) \| (.+) \|$/gm)];
    const listed = rows.map(([, code]) => code);
    expect(listed.filter((code, index) => listed.indexOf(code) !== index)).toEqual([]);
    expect(listed.sort()).toEqual([...codes.keys()].sort());
    const foreign = rows.filter(([, code = '', title = '']) => {
      const titles = codes.get(code) ?? new Set();
      return titles.size === 0 ? title !== '' : !titles.has(title);
    });
    expect(foreign.map(([row]) => row)).toEqual([]);
  });
});

describe('docs/for-agents', () => {
  it('fits into 6,000 tokens', async () => {
    const sizes = await Promise.all(
      glob('docs/for-agents/*').map(async (path) => (await stat(join(ROOT, path))).size),
    );
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(2_000);
    expect(bytes * TOKENS_PER_BYTE).toBeLessThan(6_000);
  });
});

it('no page leads to a file that is not there', async () => {
  const pages = ['README.md', ...glob('docs/**/*.md'), ...glob('examples/*/README.md'), ...glob('sdk/*.md')];
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target = ''] of (await read(page)).matchAll(/\]\((?!\w+:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g)) {
      const there = await stat(join(ROOT, dirname(page), target)).catch(() => null);
      if (there === null) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});
