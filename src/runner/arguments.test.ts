import { expect, it } from 'vitest';
import { parseRunnerArguments, runnerArguments } from './arguments.ts';

const identity = {
  home: '/home/with space/=',
  nonce: '019e7903-0000-7000-8000-000000000d03',
  socket: '/tmp/tabbify-0/a.sock',
  readyFd: 3,
};

it.each([null, 'worker'] as const)('reads back what was written, prepared for %s', (prepare) => {
  const written = {
    ...identity,
    prepare,
    memoryMb: prepare === null ? null : 64,
    canWait: prepare === null,
    groupsWork: prepare !== null,
  };
  expect(parseRunnerArguments(runnerArguments(written))).toEqual(written);
});

it('refuses to run as nobody, and says who starts runners', () => {
  expect(() => parseRunnerArguments([])).toThrow(
    expect.objectContaining({ code: 'arguments_invalid', hint: expect.stringContaining('tabbify up') }),
  );
});
