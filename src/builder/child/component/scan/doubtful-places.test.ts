import { expect, test } from 'vitest';
import { doubtfulPlaces } from './doubtful-places.ts';

async function warningsOf(source: string, path = 'src/index.ts'): Promise<readonly string[]> {
  const { look, warnings } = doubtfulPlaces();
  await look(path, source, 'ts');
  return warnings();
}

test.each([
  [
    'const x = 1;\n  const n = new Intl.NumberFormat("de");',
    /^src\/index\.ts:2:17: Intl is not there as wasm-http\. Format by hand, or .*`worker`/,
  ],
  ['type T = { a: string };\nnew WebSocket("ws://x");', /^src\/index\.ts:2:5: WebSocket is not there/],
  ['process.exit(1);', /^src\/index\.ts:1:1: process\.exit is not there.*Take it out/],
  ['await crypto.subtle.encrypt(a, b, c);', /^src\/index\.ts:1:7: crypto\.subtle\.encrypt is not there/],
  ['const t = (5).toLocaleString("de");', /^src\/index\.ts:1:15: toLocaleString pays no heed/],
])('tells where an app uses what is not there: %s', async (source, expected) => {
  const warnings = await warningsOf(source);
  expect(warnings).toEqual([expect.stringMatching(expected)]);
});

test.each([
  ['of its own', 'class Intl {} new Intl(); function f(WebSocket: object) { return WebSocket; }'],
  ['as types', 'let socket: WebSocket | null = null; export type { socket };'],
  ['in texts and comments', '// new Intl.NumberFormat()\nconst a = "Intl and WebSocket";'],
  ['behind a guard', 'const f = typeof Intl === "undefined" ? null : new Intl.NumberFormat();'],
  ['as members of others', 'other.Intl.x(); globalThis.Intl?.x(); my.process.exit(); (5).toLocaleString();'],
  ['in what does not parse, which the bundler tells', 'const = Intl;'],
])('says nothing of such names %s', async (_, source) => {
  expect(await warningsOf(source)).toEqual([]);
});

test('leaves packages alone, and tells of a few dozen places at most', async () => {
  expect(await warningsOf('new WebSocket();', 'node_modules/x/index.js')).toEqual([]);
  const many = await warningsOf('new WebSocket();\n'.repeat(60));
  expect([many.length, many.at(-1)]).toEqual([51, 'and 10 more such places']);
});
