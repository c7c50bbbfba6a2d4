import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment } from './protocol.ts';
import { type Action, type InstanceView, type RunningView, reconcile } from './reconcile.ts';
import type { Trouble } from './restarts.ts';
import { alwaysOn, assignment, blankView, serves } from './test-support/lives.ts';

const NOW = 1_000_000;
const kindOf = (action: Action | null): string | null => action?.kind ?? null;
const trouble = (failures: number, ago: number): Trouble => ({
  generation: 1,
  failures,
  failed_at: NOW - ago,
  served: true,
  runner: null,
});
const running = (generation: number, changes: Partial<RunningView> = {}): RunningView =>
  serves(generation, NOW, changes);

describe('reconcile', () => {
  const cases: readonly [string, Assignment | null, Partial<InstanceView>, string | null][] = [
    ['a new app on request is made ready', assignment(1), {}, 'settle_idle'],
    ['a ready app rests', assignment(1), { settled: 1 }, null],
    ['an app that is always on starts', alwaysOn(1), {}, 'start'],
    ['an app that is always on starts again after the host did', alwaysOn(1), { settled: 1 }, 'start'],
    ['what crashed waits for the back-off', alwaysOn(1), { settled: 1, trouble: trouble(1, 9_999) }, null],
    [
      'what crashed starts after the back-off',
      alwaysOn(1),
      { settled: 1, trouble: trouble(1, 10_000) },
      'start',
    ],
    [
      'after a second failure it waits twice as long',
      alwaysOn(1),
      { settled: 1, trouble: trouble(2, 19_999) },
      null,
    ],
    [
      'it never waits longer than five minutes',
      alwaysOn(1),
      { settled: 1, trouble: trouble(9, 300_000) },
      'start',
    ],
    ['what failed ten times is parked', alwaysOn(1), { settled: 1, trouble: trouble(10, 9_000_000) }, null],
    [
      'a restart does not wake what is parked',
      alwaysOn(1, { restart_position: 3 }),
      { settled: 1, trouble: trouble(10, 9_000_000) },
      null,
    ],
    [
      'a reset forgets the failures',
      alwaysOn(1, { reset_position: 3 }),
      { settled: 1, trouble: trouble(10, 0) },
      'reset',
    ],
    [
      'what crashed and is on request waits for a request',
      assignment(1),
      { settled: 1, trouble: trouble(1, 60_000) },
      null,
    ],
    [
      'a clock that was set back does not hold an app',
      alwaysOn(1),
      { settled: 1, trouble: trouble(1, -1) },
      'start',
    ],
    [
      'a generation that was given up is not tried again unasked',
      alwaysOn(1),
      { settled: 1, gaveUp: true },
      null,
    ],
    [
      'a generation that was given up is tried again by a restart',
      alwaysOn(1, { restart_position: 3 }),
      { settled: 1, gaveUp: true },
      'start',
    ],
    [
      'a new generation of what crashed is started',
      alwaysOn(2),
      { settled: 1, trouble: trouble(10, 0) },
      'start',
    ],
    ['a pinned app starts', assignment(1, { pinned: true }), { settled: 1 }, 'start'],
    [
      'a stopped app is not started, pinned or not',
      assignment(1, { pinned: true, stopped: true }),
      { settled: 1 },
      null,
    ],
    ['a stop the desired state does not show yet holds', alwaysOn(1), { settled: 1, held: true }, null],
    ['an older runner is replaced', assignment(2), { running: running(1), settled: 1 }, 'replace'],
    ['a failed generation is not tried again', assignment(2), { running: running(1), settled: 2 }, null],
    [
      'what is returned to after a failure goes on running',
      assignment(3, { version: 1, stop_position: 7 }),
      { running: running(1), settled: 2, fallback: assignment(1, { pinned: true }) },
      'confirm',
    ],
    [
      'what is returned to once more goes on running',
      assignment(5, { version: 1 }),
      { running: running(1), settled: 4, fallback: assignment(3, { version: 1 }) },
      'confirm',
    ],
    [
      'what is returned to with another environment is replaced',
      assignment(3, { version: 1, env: { GREETING: 'Bom dia' } }),
      { running: running(1), settled: 2, fallback: assignment(1) },
      'replace',
    ],
    [
      'what is returned to with other bounds is replaced',
      assignment(3, { version: 1, settings: { ...assignment(1).settings, memory_mb: 65 } }),
      { running: running(1), settled: 2, fallback: assignment(1) },
      'replace',
    ],
    [
      'what is returned to is started where something newer serves',
      assignment(4, { version: 1 }),
      { running: running(3), settled: 2, fallback: assignment(1) },
      'replace',
    ],
    [
      'what is returned to is started where a runner of another protocol serves',
      assignment(3, { version: 1 }),
      { running: running(1, { outdated: true }), settled: 2, fallback: assignment(1) },
      'replace',
    ],
    [
      'what is deployed again begins anew',
      assignment(2, { version: 1 }),
      { running: running(1), settled: 1 },
      'replace',
    ],
    ['what runs already is only reported', assignment(2), { running: running(2), settled: 1 }, 'confirm'],
    ['what runs and was reported rests', assignment(2), { running: running(2), settled: 2 }, null],
    [
      'a lower generation than the running one is refused',
      assignment(1),
      { running: running(2), settled: 1 },
      'refuse',
    ],
    ['a lower generation than the settled one is refused', assignment(1), { settled: 2 }, 'refuse'],
    [
      'a stopped app stops',
      assignment(1, { stopped: true, stop_position: 7 }),
      { running: running(1), settled: 1 },
      'stop',
    ],
    [
      'a stopped app that was woken goes on',
      assignment(1, { stopped: true, stop_position: 7 }),
      { running: running(1), settled: 1, overriddenStop: 7 },
      null,
    ],
    [
      'a stopped app that was woken stops when it is stopped again',
      assignment(1, { stopped: true, stop_position: 9 }),
      { running: running(1), settled: 1, overriddenStop: 7 },
      'stop',
    ],
    [
      'a stop comes before a restart',
      assignment(1, { stopped: true, stop_position: 9, restart_position: 8 }),
      { running: running(1), settled: 1 },
      'stop',
    ],
    [
      'a restart starts a second one beside the first, once',
      assignment(1, { restart_position: 8 }),
      { running: running(1), settled: 1, restarted: 7 },
      'restart',
    ],
    [
      'a restart that was done is done',
      assignment(1, { restart_position: 8 }),
      { running: running(1), settled: 1, restarted: 8 },
      null,
    ],
    [
      'a restart starts what rests',
      assignment(1, { restart_position: 8 }),
      { settled: 1, restarted: 7 },
      'start',
    ],
    [
      'nobody asked for it for its idle time: it stops',
      assignment(1),
      { running: running(1, { activeAt: NOW - 300_000 }), settled: 1 },
      'stop_idle',
    ],
    [
      'somebody asked for it a moment less ago: it runs on',
      assignment(1),
      { running: running(1, { activeAt: NOW - 299_999 }), settled: 1 },
      null,
    ],
    [
      'what happened since it was last looked at is not known: it runs on',
      assignment(1),
      { running: running(1, { activeAt: NOW - 300_001, lookedAt: NOW - 5_000 }), settled: 1 },
      null,
    ],
    [
      'a pinned app never stops for being idle',
      assignment(1, { pinned: true }),
      { running: running(1, { activeAt: 0 }), settled: 1 },
      null,
    ],
    [
      'an app that is always on never stops for being idle',
      alwaysOn(1),
      { running: running(1, { activeAt: 0 }), settled: 1 },
      null,
    ],
    [
      'a runner may be silent for two rounds',
      alwaysOn(1),
      { running: running(1, { silentRounds: 2 }), settled: 1 },
      null,
    ],
    [
      'a runner that is silent for three is killed',
      alwaysOn(1),
      { running: running(1, { silentRounds: 3 }), settled: 1 },
      'kill_silent',
    ],
    [
      'a minute of health ends the trouble',
      alwaysOn(1),
      { running: running(1, { since: NOW - 60_000 }), settled: 1, trouble: trouble(9, 60_000) },
      'recover',
    ],
    [
      'a moment of health does not',
      alwaysOn(1),
      { running: running(1, { since: NOW - 59_999 }), settled: 1, trouble: trouble(9, 60_000) },
      null,
    ],
    [
      'a purge comes before everything',
      assignment(2, { stopped: true, stop_position: 9, purge_position: 9, reset_position: 8 }),
      { running: running(1), settled: 1 },
      'purge',
    ],
    [
      'a runner of another protocol gets a successor of its own generation',
      assignment(2),
      { running: running(2, { outdated: true }), settled: 2 },
      'renew',
    ],
    [
      'a runner of another protocol goes on when its successor did not start',
      assignment(2),
      { running: running(2, { outdated: true }), settled: 2, trouble: trouble(1, 9_999) },
      null,
    ],
    [
      'a runner of the right generation is told another grant',
      assignment(2),
      { running: running(2), settled: 2, grant: 'tell' },
      'grant',
    ],
    [
      'and gets a successor where it cannot take it',
      assignment(2),
      { running: running(2), settled: 2, grant: 'renew' },
      'regrant',
    ],
    [
      'which is not tried before its time',
      assignment(2),
      { running: running(2), settled: 2, grant: 'renew', trouble: trouble(1, 9_999) },
      null,
    ],
    [
      'one that understands nothing gets a successor at once',
      assignment(2),
      { running: running(2, { outdated: true }), settled: 2, grant: 'tell' },
      'renew',
    ],
    [
      'one that cannot take it and has a secret which was revoked gets a successor',
      assignment(2),
      { running: running(2), settled: 2, grant: 'revoke' },
      'regrant',
    ],
    [
      'and ends where that one did not start',
      assignment(2),
      { running: running(2), settled: 2, grant: 'revoke', trouble: trouble(1, 9_999) },
      'stop',
    ],
    ['an app that is not placed here any more stops', null, { running: running(1), settled: 1 }, 'stop'],
    ['an app that never ran here needs nothing', null, {}, null],
  ];
  it.each(cases)('%s', (_, desired, view, expected) => {
    expect(kindOf(reconcile(desired, { ...blankView, ...view }, NOW))).toBe(expected);
  });

  /** What carrying out an action, with or without success, does to the view. */
  function after(action: Action, view: InstanceView, works: boolean): InstanceView {
    switch (action.kind) {
      case 'settle_idle':
      case 'confirm':
        return { ...view, settled: action.assignment.generation };
      case 'start':
      case 'restart':
      case 'renew':
      case 'regrant':
      case 'replace': {
        const settled = Math.max(view.settled, action.assignment.generation);
        const restarted = Math.max(view.restarted, action.assignment.restart_position);
        return works
          ? {
              ...view,
              settled,
              restarted,
              grant: 'as_desired',
              running: running(action.assignment.generation),
            }
          : { ...view, settled, restarted, trouble: trouble(1, 0) };
      }
      case 'stop':
      case 'stop_idle':
        return { ...view, running: null };
      case 'kill_silent':
        return { ...view, running: null, trouble: trouble(1, 0) };
      case 'recover':
        return { ...view, trouble: null };
      case 'reset':
        return { ...view, trouble: null, reset: action.position };
      case 'purge':
        return {
          ...{ ...blankView, purged: action.assignment.purge_position },
          settled: action.assignment.generation - (action.assignment.stopped ? 0 : 1),
        };
      case 'grant':
        return { ...view, grant: works ? 'as_desired' : 'renew' };
      case 'refuse':
        return view;
    }
  }

  it('comes to rest within five steps from any state, and never moves to a lower generation', () => {
    const small = fc.integer({ min: 0, max: 5 });
    const view: fc.Arbitrary<InstanceView> = fc.record({
      running: fc.option(
        fc.record({
          generation: fc.integer({ min: 1, max: 5 }),
          since: fc.constantFrom(NOW, NOW - 60_000),
          activeAt: fc.constantFrom(NOW, NOW - 300_000),
          lookedAt: fc.constant(NOW),
          silentRounds: small,
          outdated: fc.boolean(),
        }),
      ),
      settled: small,
      gaveUp: fc.boolean(),
      fallback: fc.option(fc.integer({ min: 1, max: 4 }).map((of) => assignment(of, { version: 1 }))),
      trouble: fc.option(fc.integer({ min: 1, max: 11 }).map((failures) => trouble(failures, 15_000))),
      grant: fc.constantFrom('as_desired' as const, 'tell' as const, 'renew' as const, 'revoke' as const),
      held: fc.boolean(),
      overriddenStop: small,
      restarted: small,
      reset: small,
      purged: small,
    });
    const desired = fc.option(
      fc
        .record({
          generation: fc.integer({ min: 1, max: 5 }),
          pinned: fc.boolean(),
          stopped: fc.boolean(),
          stop_position: small,
          restart_position: small,
          reset_position: small,
          purge_position: small,
          always: fc.boolean(),
        })
        .map(({ generation, always, ...rest }) => (always ? alwaysOn : assignment)(generation, rest)),
    );
    fc.assert(
      fc.property(desired, view, fc.boolean(), (wanted, start, works) => {
        let now = start;
        for (let step = 0; step < 5; step++) {
          const action = reconcile(wanted, now, NOW);
          if (action === null || action.kind === 'refuse') return;
          const next = after(action, now, works);
          if (next.running !== null && now.running !== null)
            expect(next.running.generation).toBeGreaterThanOrEqual(now.running.generation);
          now = next;
        }
        expect(kindOf(reconcile(wanted, now, NOW))).toBeNull();
      }),
    );
  });
});
