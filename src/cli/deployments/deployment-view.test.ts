import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deploymentReply, deploymentStep } from '../client/replies.ts';
import { deploymentRow } from '../testing/stub-node.ts';
import { afterReply, afterStep, type DeploymentView, gotOnFrom, UNHEARD } from './deployment-view.ts';

const PHASES = ['requested', 'building', 'placing', 'starting', 'healthy', 'switched'];
const steps = PHASES.map((phase) => deploymentStep.parse({ phase }));
const told = (supervisor: string) => deploymentStep.parse({ phase: 'starting', supervisor, detail: 'on it' });
const reply = (phase: string, results: object[]) => deploymentReply.parse(deploymentRow({ phase, results }));
const result = (supervisor: string, success: boolean | null) => ({ supervisor, runtime: 'worker', success });
const states = ({ hosts }: DeploymentView) => hosts.map(({ state }) => state);

test('a stream that is opened again, at whatever moments, leads to the same view as one that was not', () => {
  const whole = steps.reduce(afterStep, UNHEARD);
  fc.assert(
    fc.property(fc.array(fc.nat(PHASES.length)), (breaks) => {
      const heard = [...breaks.flatMap((count) => steps.slice(0, count)), ...steps];
      expect(heard.reduce(afterStep, UNHEARD)).toEqual(whole);
    }),
  );
});

test('a view never goes back, whatever comes late', () => {
  const pieces = fc.oneof(
    fc.constantFrom(...steps).map((step) => (view: DeploymentView) => afterStep(view, step)),
    fc.constantFrom(...PHASES).map((phase) => (view: DeploymentView) => afterReply(view, reply(phase, []))),
  );
  fc.assert(
    fc.property(fc.array(pieces), (changes) => {
      let view = UNHEARD;
      for (const change of changes) {
        const next = change(view);
        expect(PHASES.indexOf(next.phase)).toBeGreaterThanOrEqual(PHASES.indexOf(view.phase));
        view = next;
      }
    }),
  );
});

test('a host waits until it was told, starts, and then serves or has failed', () => {
  const placed = afterReply(UNHEARD, reply('placing', [result('berlin', null), result('paris', null)]));
  expect(states(placed)).toEqual(['waiting', 'waiting']);
  const begun = afterStep(placed, told('berlin'));
  expect(states(begun)).toEqual(['starting', 'waiting']);
  const both = afterStep(begun, told('paris'));
  const half = afterReply(both, reply('starting', [result('berlin', true), result('paris', null)]));
  expect(states(half)).toEqual(['serving', 'starting']);
  const over = afterReply(half, reply('switched', [result('berlin', true), result('paris', false)]));
  expect(states(over)).toEqual(['serving', 'failed']);
});

test('of an office that does not remember whom it has told, all hosts are taken to be starting', () => {
  const view = afterReply(UNHEARD, reply('starting', [result('berlin', null)]));
  expect(states(view)).toEqual(['starting']);
});

test('one that has failed got on from the phases before, and not from that in which it ended', () => {
  const failed = ['requested', 'building', 'failed'].map((phase) => deploymentStep.parse({ phase }));
  const view = failed.reduce(afterStep, UNHEARD);
  expect([gotOnFrom(view, 'requested'), gotOnFrom(view, 'building')]).toEqual([true, false]);
});
