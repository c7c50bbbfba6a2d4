import { expect, it } from 'vitest';
import { describeWorker } from './description.ts';

it('says what its boxes hold, and that the watchdog is there where they have no share of the machine', () => {
  const limits = { tasks: 'unsupported', tmp: 'enforced', openFiles: 'enforced' } as const;
  const withGroups = { ...limits, memory: 'enforced', cpu: 'enforced' } as const;
  expect(describeWorker({ possible: true, limits: withGroups, lack: null })).toEqual({
    ...{ kind: 'worker', isolation: 'process' },
    limits: { memory: 'enforced', fuel: 'unsupported', cpu: 'enforced' },
  });
  const withoutGroups = { ...limits, memory: 'best_effort', cpu: 'unsupported' } as const;
  const lack = { why: 'no control group is delegated', hint: 'Delegate one.' };
  expect(describeWorker({ possible: true, limits: withoutGroups, lack })).toEqual({
    ...{ kind: 'worker', isolation: 'process', lack },
    limits: { memory: 'best_effort', fuel: 'unsupported', cpu: 'best_effort' },
  });
});
