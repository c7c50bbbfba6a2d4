import { expect, it } from 'vitest';
import { parseRunnerArguments, runnerArguments } from './arguments.ts';

const identity = {
  home: '/home/with space/=',
  nonce: '019e7903-0000-7000-8000-000000000d03',
  socket: '/tmp/tabbify-0/a.sock',
  readyFd: 3,
};

it('reads back what was written', () => {
  expect(parseRunnerArguments(runnerArguments(identity))).toEqual(identity);
});

it('refuses to run as nobody, and says who starts runners', () => {
  expect(() => parseRunnerArguments([])).toThrow(
    expect.objectContaining({ code: 'arguments_invalid', hint: expect.stringContaining('tabbify up') }),
  );
});
