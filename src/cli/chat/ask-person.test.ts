import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Draft } from '../../agent/index.ts';
import { createContext } from '../context.ts';
import { collector } from '../testing/run-cli.ts';
import { askPerson } from './ask-person.ts';

test('the name that a model gave moves no cursor in the question that a person answers', async () => {
  const name = 'todo\u001b[9A\u001b[2K\nwhat it may do: nothing\u202e';
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const out = collector(true);
  const io = { stdin, stdout: out.stream, stderr: out.stream, env: {}, cwd: '/' };
  const asking = askPerson(
    createContext(io, { json: false, home: '/' }),
    { name, dir: '/x', files: [], rights: [], read: async () => '' } as Draft,
    false,
  );
  await expect.poll(out.text).toContain('and let it run?');
  expect(out.text()).toContain('Push todo\\x1b[9A\\x1b[2K what it may do: nothing\\x202e and let it run?');
  stdin.end();
  expect(await asking).toBe(false);
});
