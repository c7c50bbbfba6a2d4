import { expect, test } from 'vitest';
import { contentTypeOf, isCompressible } from './content-type.ts';

test('text is sent as UTF-8, and what nobody knows as bytes', () => {
  expect(
    ['a/b.CSS', 'x.html', 'm.mjs', 'p.png', 'f.woff2', 'w.wasm', 'LICENSE', 'x.unknown'].map(contentTypeOf),
  ).toEqual([
    ...['text/css; charset=utf-8', 'text/html; charset=utf-8', 'text/javascript; charset=utf-8', 'image/png'],
    ...['font/woff2', 'application/wasm', 'application/octet-stream', 'application/octet-stream'],
  ]);
  const worth = ['a.css', 'a.json', 'a.svg', 'a.wasm', 'a.webmanifest', 'a.png', 'a.woff2', 'a.zip'];
  expect(worth.filter((path) => isCompressible(contentTypeOf(path)))).toEqual(worth.slice(0, 5));
});
