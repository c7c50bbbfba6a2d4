import { existsSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../drill/until.ts';
import { endAllOf } from './belongings.ts';
import { processesOf } from './living.ts';
import { start } from './process.ts';

it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'when who runs the tests is ended by %s, what was begun for them ends as well and leaves no folder',
  async (signal) => {
    const tests = start('test/e2e/killed/left-alone.ts', [], { PATH: process.env.PATH ?? '' });
    const [, folder = ''] = await tests.printed(/folder=(.+)/);
    onTestFinished(() => endAllOf(folder));
    await until('it is at work', async () => (await processesOf(folder)).length === 1);
    await tests.end(signal);
    await until('it has ended', async () => (await processesOf(folder)).length === 0 && !existsSync(folder));
    expect(folder).toContain('tabbify-killed-');
  },
);
