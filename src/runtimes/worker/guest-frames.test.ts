import { expect, it } from 'vitest';
import { isGuestFrame } from './guest-frames.ts';

it.each([
  '    at handle (file:///app/guest.mjs:2:53174)',
  '    at file:///app/guest.mjs:2:46803',
  '    at Server.<anonymous> (file:///app/guest.mjs:2:47626)',
  '    at async new Promise (file:///app/guest.mjs:2:1)',
])('a line of a stack that is the platform’s: %s', (line) => expect(isGuestFrame(line)).toBe(true));

it.each([
  '    at fetch (src/index.ts:3:7)',
  '    at Server.emit (node:events:526:24)',
  'Error: file:///app/guest.mjs:2:1',
  '    at work (file:///app/guest.mjs:2:1) and more',
])('any other line: %s', (line) => expect(isGuestFrame(line)).toBe(false));
