import { expect, test } from 'vitest';
import { passedListener } from './passed-listener.ts';

const LISTEN_PID = String(process.pid);

test('a socket that was passed to this process is found by its name, a single one by any', () => {
  const two = { LISTEN_PID, LISTEN_FDS: '2', LISTEN_FDNAMES: 'other:node' };
  expect(passedListener(two, 'node')).toBe(4);
  expect(passedListener({ LISTEN_PID, LISTEN_FDS: '1' }, 'node')).toBe(3);
  expect(passedListener({ LISTEN_PID, LISTEN_FDS: '1', LISTEN_FDNAMES: 'tabbify.socket' }, 'node')).toBe(3);
});

test('what was passed to another process, or nothing, is none', () => {
  expect(passedListener({}, 'node')).toBeNull();
  expect(passedListener({ LISTEN_PID: '1', LISTEN_FDS: '1' }, 'node')).toBeNull();
  expect(passedListener({ LISTEN_PID, LISTEN_FDS: '0' }, 'node')).toBeNull();
});

test('of several without the name nobody guesses', () => {
  const env = { LISTEN_PID, LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' };
  expect(() => passedListener(env, 'node')).toThrow(expect.objectContaining({ code: 'config_invalid' }));
});
