import { expect, it } from 'vitest';
import { runtimeLine } from './runtime-line.ts';

it('says what holds, what mostly holds and what does not, in this order', () => {
  const limits = { cpu: 'unsupported', memory: 'enforced', disk: 'best_effort', fuel: 'enforced' };
  expect(runtimeLine({ kind: 'docker', isolation: 'process', limits })).toBe(
    'docker: isolation process; memory and fuel enforced; disk best effort; cpu unsupported',
  );
});

it('shows what a newer supervisor says as it is', () => {
  const limits = { network: 'mirrored', memory: 'enforced' };
  expect(runtimeLine({ kind: 'orbit', isolation: 'moon', limits })).toBe(
    'orbit: isolation moon; memory enforced; network mirrored',
  );
});
