import { expect, it } from 'vitest';
import { lackLine, refusedLine, runtimeLine } from './runtime-line.ts';

it('says what holds, what mostly holds and what does not, in this order', () => {
  const limits = { cpu: 'unsupported', memory: 'enforced', disk: 'best_effort', fuel: 'enforced' };
  expect(runtimeLine({ kind: 'docker', isolation: 'process', limits })).toBe(
    'docker: isolation process; memory and fuel enforced; disk best effort; cpu unsupported',
  );
});

it('lists three and more with commas', () => {
  const limits = { memory: 'enforced', cpu: 'enforced', tasks: 'enforced' };
  expect(runtimeLine({ kind: 'worker', isolation: 'process', limits })).toContain(
    'memory, cpu and tasks enforced',
  );
});

it('says of a runtime that a host cannot run why that is', () => {
  const refused = { kind: 'worker', why: 'bubblewrap is not installed.', hint: 'Install it.' };
  expect(refusedLine(refused, 'far')).toBe('worker: cannot run on far: bubblewrap is not installed');
});

it('says why a host holds less than it could', () => {
  const runtime = { kind: 'worker', isolation: 'process', limits: {} };
  expect(lackLine(runtime, 'far')).toBe(null);
  const lack = { why: 'no control group is delegated to this user.', hint: 'Delegate one.' };
  expect(lackLine({ ...runtime, lack }, 'far')).toBe(
    'worker: not all is enforced on far: no control group is delegated to this user',
  );
});

it('shows what a newer supervisor says as it is', () => {
  const limits = { network: 'mirrored', memory: 'enforced' };
  expect(runtimeLine({ kind: 'orbit', isolation: 'moon', limits })).toBe(
    'orbit: isolation moon; memory enforced; network mirrored',
  );
});
