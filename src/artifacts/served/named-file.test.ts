import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namedFile } from './named-file.ts';

const FILES = new Set([
  ...['tabbify.toml', 'src/main.ts', 'public-notes.txt'],
  ...['public/index.html', 'public/404.html', 'public/about.html', 'public/a b.txt', 'public/grüße.txt'],
  ...['public/bread/index.html', 'public/bread/rye.html', 'public/rye', 'public/rye/index.html'],
  ...['public/.env', 'public/.git/config', 'public/bread/.secret', 'public/.well-known/security.txt'],
  ...['public/.well-known/.hidden', 'public/100%.txt', 'public/A.txt'],
]);

const named = (path: string) => namedFile(FILES, 'public', path);
const file = (path: string) => ({ kind: 'file', path });

test.each([
  ['/', 'index.html'],
  ['/index.html', 'index.html'],
  ['/about', 'about.html'],
  ['/about.html', 'about.html'],
  ['/bread/', 'bread/index.html'],
  ['/bread/rye', 'bread/rye.html'],
  ['/rye', 'rye'],
  ['/a%20b.txt', 'a b.txt'],
  ['/gr%C3%BC%C3%9Fe.txt', 'grüße.txt'],
  ['/100%25.txt', '100%.txt'],
  ['/%61bout', 'about.html'],
  ['/.well-known/security.txt', '.well-known/security.txt'],
])('%s is %s', (path, found) => {
  expect(named(path)).toEqual(file(`public/${found}`));
});

test('a folder with a page asks for the slash at its end', () => {
  expect(named('/bread')).toEqual({ kind: 'folder' });
});

test.each([
  ...['/nothing', '/bread/nothing', '/about/', '/a.txt', '/ABOUT', '/tabbify.toml', '/public/index.html'],
  ...[
    '/../tabbify.toml',
    '/..%2ftabbify.toml',
    '/%2e%2e/tabbify.toml',
    '/..\\tabbify.toml',
    '/bread/../about',
  ],
  ...[
    '/bread%2findex.html',
    '/bread%5cindex.html',
    '/about.html%00',
    '//about',
    '//',
    '/./about',
    '/%',
    '/%ff',
  ],
  ...['/.env', '/%2eenv', '/.git/config', '/bread/.secret', '/.well-known/.hidden', '/../public-notes.txt'],
])('%s names nothing', (path) => {
  expect(named(path)).toBeNull();
});

test('whatever is asked for, only files of the folder are named, and never a hidden one', () => {
  const part = fc.constantFrom(
    '..',
    '.',
    '',
    '%2e%2e',
    '.env',
    '.git',
    'bread',
    'public',
    'about',
    'tabbify.toml',
    '%2f',
    '\\',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(part).map((parts) => `/${parts.join('/')}`),
        fc.string(),
      ),
      (path) => {
        const found = named(path);
        if (found?.kind !== 'file') return;
        expect(FILES.has(found.path)).toBe(true);
        expect(found.path).toMatch(/^public\/(?!.*(^|\/)\.(?!well-known\/)[^/]*)/);
      },
    ),
  );
});
