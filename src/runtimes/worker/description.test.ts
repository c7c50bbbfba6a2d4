import { expect, it } from 'vitest';
import { describeWorker } from './description.ts';

it('says what its boxes hold, and that the watchdog is there where they have no share of the machine', () => {
  const limits = { tasks: 'unsupported', tmp: 'enforced', openFiles: 'enforced' } as const;
  const withGroups = { ...limits, memory: 'enforced', cpu: 'enforced' } as const;
  expect(describeWorker({ possible: true, limits: withGroups }).limits).toEqual({
    memory: 'enforced',
    fuel: 'unsupported',
    cpu: 'enforced',
  });
  const withoutGroups = { ...limits, memory: 'best_effort', cpu: 'unsupported' } as const;
  expect(describeWorker({ possible: true, limits: withoutGroups }).limits).toEqual({
    memory: 'best_effort',
    fuel: 'unsupported',
    cpu: 'best_effort',
  });
});
