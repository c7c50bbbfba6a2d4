import { expect, test } from 'vitest';
import { page } from './page.ts';

test('whatever a page is told stands in it as text; backticks set code', () => {
  const evil = '<img src=x onerror=alert(1)> `<b>` "x" \'y\' &';
  const html = page({ title: evil, paragraphs: [evil], action: evil, commands: [[evil, evil]], foot: evil });
  const form = { action: evil, button: evil, hidden: { [evil]: evil }, secret: { name: evil, label: evil } };
  const filled = page({ title: '', paragraphs: [], forms: [form] });
  expect(filled).not.toMatch(/<img|<b>|onerror=alert\(1\)>|="[^"]*['<>]/);
  expect(html).not.toMatch(/<img|<b>|onerror=alert\(1\)>/);
  expect(html).toContain('<code>&#60;b&#62;</code>');
});
