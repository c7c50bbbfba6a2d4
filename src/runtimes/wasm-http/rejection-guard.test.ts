import { expect, test } from 'vitest';
import { until } from '../testing/served-app.ts';
import { guardRejections } from './rejection-guard.ts';

test('a promise left behind is reported while the guard is on, and the guard leaves no trace', async () => {
  const before = process.listenerCount('unhandledRejection');
  const reported: unknown[] = [];
  const unguard = guardRejections((error) => reported.push(error));
  void Promise.reject(new Error('left behind'));
  await until('it is reported', () => reported.length === 1);
  unguard();
  expect(process.listenerCount('unhandledRejection')).toBe(before);
});
