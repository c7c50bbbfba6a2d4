import { expect, test } from 'vitest';
import { testCommand } from './test-command.ts';

test.each([
  [null, { program: 'node', args: ['--test', '**/*.test.{ts,js,mjs}'], env: {} }],
  ['node --test', { program: 'node', args: ['--test'], env: {} }],
  ['node --test "src/*.test.ts"', { program: 'node', args: ['--test', 'src/*.test.ts'], env: {} }],
  ['vitest run', { program: 'vitest', args: ['run'], env: {} }],
  ["npx vitest run -t 'two; words'", { program: 'vitest', args: ['run', '-t', 'two; words'], env: {} }],
  ['A=1 B="x y" node --test', { program: 'node', args: ['--test'], env: { A: '1', B: 'x y' } }],
  ['  mocha   --grep=a"b c"d ', { program: 'mocha', args: ['--grep=ab cd'], env: {} }],
])('the script %j starts one program', (script, command) => {
  expect(testCommand(script, [])).toEqual(command);
});

test('what is asked for comes behind', () => {
  expect(testCommand('node --test', ['--test-name-pattern=x y']).args).toEqual([
    '--test',
    '--test-name-pattern=x y',
  ]);
  expect(testCommand(null, ['src/one.test.ts']).args).toEqual(['--test', 'src/one.test.ts']);
  expect(testCommand(null, ['--test-only']).args).toEqual(['--test', '--test-only', '**/*.test.{ts,js,mjs}']);
});

test.each([
  'tsc && vitest',
  'a; b',
  'cat x | sh',
  'node $TESTS',
  'node "$(id)"',
  'node `id`',
  'node "open',
  'A=1',
  'a > b',
])('the script %j needs a shell, and that is said', (script) => {
  expect(() => testCommand(script, [])).toThrow(
    expect.objectContaining({
      code: 'build_failed',
      message: expect.stringContaining('in the sandbox of the tests'),
    }),
  );
});
