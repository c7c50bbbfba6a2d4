import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createContext } from '../context.ts';
import { collector } from '../testing/run-cli.ts';
import { askForYes } from './ask-for-yes.ts';

test('a word that is none of the answers is no yes, also one that every object knows', async () => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const out = collector(true);
  const io = { stdin, stdout: out.stream, stderr: out.stream, env: {}, cwd: '/' };
  const asking = askForYes(createContext(io, { json: false, home: '/' }), { kind: 'deployment' });
  await expect.poll(out.text).toContain('Do you say yes?');
  stdin.write('constructor\r');
  const answered = await Promise.race([
    asking.then(() => true),
    expect
      .poll(out.text)
      .toContain('Type one of')
      .then(() => false),
  ]);
  stdin.end();
  expect([answered, await asking]).toEqual([false, null]);
});
