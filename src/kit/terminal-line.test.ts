import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { terminalLine } from './terminal-line.ts';

const shown = (fact: object) =>
  stripVTControlCharacters(
    terminalLine(JSON.stringify({ time: '2026-11-21T04:57:56.775Z', room: 'node', ...fact })),
  );

test('a fact is one line: level, room, what happened, the rest', () => {
  expect(shown({ level: 40, msg: 'deployment failed', version: 2, reason: 'no module' })).toMatch(
    /^\d\d:\d\d:56 warn {2}node: deployment failed {2}version=2 reason="no module"\n$/,
  );
});

test('an error shows its message, and from level error on its stack', () => {
  const err = { type: 'Error', message: 'boom', stack: 'Error: boom\n    at a.ts:1' };
  expect(shown({ level: 40, msg: 'retrying', err })).toMatch(/warn {2}node: retrying: boom\n$/);
  expect(shown({ level: 50, msg: 'failed', err })).toMatch(/error node: failed: boom\n {4}at a\.ts:1\n$/);
});

test('what is logged cannot move the cursor; what is no fact passes as it is', () => {
  expect(
    terminalLine(JSON.stringify({ time: '', room: 'x', level: 30, msg: '\u001b[2Ja\nb' })),
  ).not.toContain('\u001b[2J');
  expect(terminalLine('plain text\n')).toBe('plain text\n');
});
