import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TRANSITIONS } from './life-states.ts';

it('docs/lifecycle.md draws the life of an app as the code has it', () => {
  const page = readFileSync(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8');
  const drawing = page.split('```').find((part) => part.includes('[*] --> absent')) ?? '';
  const arrows = [...drawing.matchAll(/^ {2}(\w+) --> (\w+): (.+)$/gm)];
  expect(arrows.map(([, from, to, on]) => ({ from, to, on }))).toEqual(TRANSITIONS);
});
