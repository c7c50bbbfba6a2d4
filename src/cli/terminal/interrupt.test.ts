import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { cliError } from '../errors.ts';
import { interruptOf } from './interrupt.ts';

const io = {
  ...{ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
  ...{ env: {}, cwd: '/' },
};

test('Ctrl-C aborts the signal and is still listened to, so that nobody takes the process for one to be ended', () => {
  const before = process.listenerCount('SIGINT');
  let during = 0;
  const last = () => {
    during = process.listenerCount('SIGINT');
  };
  {
    using interrupt = interruptOf(io);
    process.once('SIGINT', last);
    process.emit('SIGINT');
    expect(interrupt.signal.aborted).toBe(true);
    expect(during).toBe(before + 1); // `last` is gone when it runs
    expect(interrupt.explain(new Error('aborted'))).toMatchObject({ code: 'stopped' });
    const told = cliError('stopped', { what: 'It goes on', hint: 'Follow it' });
    expect(interrupt.explain(told)).toBe(told);
  }
  expect(process.listenerCount('SIGINT')).toBe(before);
});
