import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RESERVED_SLUGS, slugOf } from '../app/index.ts';
import { slugForOutcome, titleOf } from './naming.ts';
import { chooseStarter } from './starters/registry.ts';

const none: ReadonlySet<string> = new Set();

test.each([
  ['a page for my bakery', 'bakery', 'My bakery'],
  ['Please make me a website about the history of bread.', 'history-bread', 'The history of bread'],
  ['an API that lists jokes', 'jokes', 'An API that lists jokes'],
  ['Hugo’s café', 'hugos-cafe', 'Hugo’s café'],
  ['a page for my shop, open all day', 'shop', 'My shop, open all day'],
  ['страница пекарни', 'page', 'Страница пекарни'],
  ['an office', 'my-office', 'An office'],
])('%s is named %s and titled %s', (outcome, slug, title) => {
  expect(slugForOutcome(outcome, none, 'page')).toBe(slug);
  expect(titleOf(outcome)).toBe(title);
});

test('a name that is taken gets a number', () => {
  expect(slugForOutcome('bakery', new Set(['bakery', 'bakery-2']), 'page')).toBe('bakery-3');
});

test('every outcome gives a slug that the platform takes', () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...RESERVED_SLUGS),
    fc.stringMatching(/^[a-z -]*$/),
  );
  fc.assert(
    fc.property(words, (outcome) => {
      const slug = slugForOutcome(outcome, none, 'page');
      expect(slugOf(slug)).toBe(slug);
    }),
  );
});

test.each([
  ['a page for my bakery', 'page'],
  ['a landing page about our API', 'api'],
  ['a JSON endpoint with the opening hours', 'api'],
  ['something nice', 'page'],
  ['a rapid prototype of a capital city', 'page'],
])('%s starts from the starter %s', (outcome, name) => {
  expect(chooseStarter(outcome).name).toBe(name);
});
