import { stripVTControlCharacters, styleText } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asTyped, shellWord, visibleWidth, wrapped } from './prose.ts';

const word = fc.string({ unit: fc.constantFrom(...'abcdefgh-`.'), minLength: 1, maxLength: 30 });
const line = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '));

test('wrapping breaks between words only: every word survives, and a line is too long only where one word is', () => {
  fc.assert(
    fc.property(
      line,
      fc.integer({ min: 30, max: 120 }),
      fc.integer({ min: 0, max: 6 }),
      (text, columns, indent) => {
        const lines = wrapped(text, columns, indent).split('\n');
        expect(lines.map((each) => each.trim()).join(' ')).toBe(text);
        for (const each of lines) expect(each.length <= columns || !each.trim().includes(' ')).toBe(true);
        for (const each of lines.slice(1)) expect(each.startsWith(' '.repeat(indent))).toBe(true);
      },
    ),
  );
});

test('a line that goes on begins below its first word; colours take no columns', () => {
  const red = styleText('red', 'one two three four', { validateStream: false });
  const text = wrapped(`  ${red} five six seven eight`, 30);
  expect(stripVTControlCharacters(text)).toBe('  one two three four five six\n  seven eight');
  expect(visibleWidth(red)).toBe(18);
  const url = `http://${'x'.repeat(60)}.localhost/`;
  expect(wrapped(`Open ${url} now and look`, 40)).toBe(`Open\n${url}\nnow and look`);
  expect(wrapped(`  ${url}`, 40)).toBe(`  ${url}`);
  expect(wrapped(wrapped(`See ${url}`, 40, 2), 40, 2)).toBe(`See\n  ${url}`);
  expect(wrapped('no bound, no break', Number.POSITIVE_INFINITY)).toBe('no bound, no break');
});

test('commands in backticks are shown as they were called: with npx where npm runs us', () => {
  const text = 'See `tabbify events` and `tcli push x`; `tabbify.toml` is a file.';
  expect(asTyped({ env: {} }, text)).toBe(text);
  expect(asTyped({ env: { npm_command: 'exec' } }, text)).toBe(
    'See `npx tabbify events` and `npx tcli push x`; `tabbify.toml` is a file.',
  );
});

test.each([
  ['my-app', 'my-app'],
  ['My App', "'My App'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['$(x)', "'$(x)'"],
])('%s is the shell word %s', (text, expected) => expect(shellWord(text)).toBe(expected));
