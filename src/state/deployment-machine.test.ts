import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DEPLOYMENT_TRANSITIONS,
  type DeploymentPhase,
  isOpenPhase,
  isUnplaced,
  phaseAfter,
  phasesPassed,
} from './deployment-machine.ts';
import type { DomainEventType } from './events.ts';
import { domainTypes } from './registry.ts';

const anyEvents = fc.array(fc.constantFrom(...(Object.keys(domainTypes) as DomainEventType[])));

const walk = (events: readonly DomainEventType[]) => {
  const phases: DeploymentPhase[] = ['requested'];
  for (const event of events) phases.push(phaseAfter(phases.at(-1)!, event) ?? phases.at(-1)!);
  return phases;
};

test('an ended deployment stays as it ended, whatever is said of it', () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const phases = walk(events);
      const end = phases.findIndex((phase) => !isOpenPhase(phase));
      if (end !== -1) expect(new Set(phases.slice(end)).size).toBe(1);
    }),
  );
});

test('from every open phase it can be called off and can fail, and only before a host was told it can give way', () => {
  const open = [...new Set(DEPLOYMENT_TRANSITIONS.map(({ from }) => from))];
  expect(open).toEqual([
    'requested',
    'awaiting_approval',
    'approved',
    'building',
    'placing',
    'starting',
    'healthy',
  ]);
  for (const phase of open) {
    expect(phaseAfter(phase, 'deployment_cancelled')).toBe('cancelled');
    expect(phaseAfter(phase, 'deployment_failed')).toBe('failed');
  }
  expect(open.filter(isUnplaced)).toEqual([
    'requested',
    'awaiting_approval',
    'approved',
    'building',
    'placing',
  ]);
});

test('no phase has two ways for one event, and what a host was told of is never in place without one that took it up', () => {
  const ways = DEPLOYMENT_TRANSITIONS.map(({ from, on }) => `${from} ${on}`);
  expect(new Set(ways).size).toBe(ways.length);
  fc.assert(
    fc.property(anyEvents, (events) => {
      const phases = walk(events);
      if (phases.includes('starting') && phases.includes('switched')) expect(phases).toContain('healthy');
    }),
  );
});

test('what it went through is told in order, the build only where there was one', () => {
  const passed = (
    phase: DeploymentPhase,
    reached: Parameters<typeof phasesPassed>[0]['reached'],
    built = false,
    approval: string | null = null,
  ) => phasesPassed({ phase, reached, built, approval }).join(' ');
  expect(passed('requested', 'requested')).toBe('requested');
  expect(passed('switched', 'healthy', true)).toBe('requested building placing starting healthy switched');
  expect(passed('failed', 'starting')).toBe('requested placing starting failed');
  expect(passed('superseded', 'building', true)).toBe('requested building superseded');
  expect(passed('failed', 'awaiting_approval', false, 'a')).toBe('requested awaiting_approval failed');
  expect(passed('switched', 'healthy', false, 'a')).toBe(
    'requested awaiting_approval approved placing starting healthy switched',
  );
});
