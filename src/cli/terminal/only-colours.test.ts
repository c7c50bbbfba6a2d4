import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onlyColours } from './only-colours.ts';

const RED = '\u001b[31m';

test('colours and lines come through, what speaks to the terminal does not', () => {
  const show = onlyColours();
  expect(show(`${RED}no\u001b[39m\ttab\n`)).toBe(`${RED}no\u001b[39m\ttab\n`);
  expect(show('a\u001b[2Jb\u001b]52;c;aGk=\u0007c\rd\u009b31me\u202ef')).toBe('a[2Jb]52;c;aGk=cd31mef');
});

test('however text is cut into pieces, the same comes through', () => {
  const pieces = fc.array(
    fc.constantFrom(RED, '\u001b[1;38:5:9m', '\u001b', '[', 'm', 'text', '\n', '\u001b[2J', '\u009b'),
  );
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(40)), (parts, cuts) => {
      const text = `${parts.join('')}\n`;
      const [whole, cut] = [onlyColours(), onlyColours()];
      const at = [...cuts.map((each) => Math.min(each, text.length)).sort((a, b) => a - b), text.length];
      expect(at.map((end, index) => cut(text.slice(at[index - 1] ?? 0, end))).join('')).toBe(whole(text));
    }),
  );
});
