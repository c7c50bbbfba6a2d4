import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment } from './protocol.ts';
import { type Action, type InstanceView, reconcile } from './reconcile.ts';

const blank: InstanceView = {
  running: null,
  settled: 0,
  failed: false,
  outdated: false,
  held: false,
  overriddenStop: 0,
};

function assignment(generation: number, changes: Partial<Assignment> = {}): Assignment {
  return {
    app: '0191e7c2-1111-7222-8333-444455556666',
    name: 'app',
    version: generation,
    generation,
    environment: 'production',
    runtime: 'wasm-http',
    digest: 'd',
    artifact_prefix: 'p',
    settings: {
      type: 'wasm-http',
      lifecycle: 'on_request',
      idle_timeout_sec: 300,
      memory_mb: 64,
      entry: 'app.wasm',
      main: null,
      fuel_per_request: 1,
      isolation: 'pool',
      health_path: '/',
      health_timeout_sec: 30,
    },
    env: {},
    address: '::1',
    pinned: false,
    stopped: false,
    stop_position: 0,
    ...changes,
  };
}

const alwaysOn = (generation: number, changes: Partial<Assignment> = {}): Assignment => {
  const made = assignment(generation, changes);
  return { ...made, settings: { ...made.settings, lifecycle: 'always_on' } };
};

const kindOf = (action: Action | null): string | null => action?.kind ?? null;

describe('reconcile', () => {
  const cases: readonly [string, Assignment | null, Partial<InstanceView>, string | null][] = [
    ['a new app on request is made ready', assignment(1), {}, 'settle_idle'],
    ['a ready app rests', assignment(1), { settled: 1 }, null],
    ['an app that is always on starts', alwaysOn(1), {}, 'start'],
    ['an app that is always on starts again after the host did', alwaysOn(1), { settled: 1 }, 'start'],
    ['what crashed is not started unasked', alwaysOn(1), { settled: 1, failed: true }, null],
    ['a new generation of what crashed is started', alwaysOn(2), { settled: 1, failed: true }, 'start'],
    ['a pinned app starts', assignment(1, { pinned: true }), { settled: 1 }, 'start'],
    [
      'a stopped app is not started, pinned or not',
      assignment(1, { pinned: true, stopped: true }),
      { settled: 1 },
      null,
    ],
    ['a stop the desired state does not show yet holds', alwaysOn(1), { settled: 1, held: true }, null],
    ['an older runner is replaced', assignment(2), { running: 1, settled: 1 }, 'replace'],
    ['a failed generation is not tried again', assignment(2), { running: 1, settled: 2 }, null],
    ['what runs already is only reported', assignment(2), { running: 2, settled: 1 }, 'confirm'],
    ['what runs and was reported rests', assignment(2), { running: 2, settled: 2 }, null],
    [
      'a lower generation than the running one is refused',
      assignment(1),
      { running: 2, settled: 1 },
      'refuse',
    ],
    ['a lower generation than the settled one is refused', assignment(1), { settled: 2 }, 'refuse'],
    [
      'a stopped app stops',
      assignment(1, { stopped: true, stop_position: 7 }),
      { running: 1, settled: 1 },
      'stop',
    ],
    [
      'a stopped app that was woken goes on',
      assignment(1, { stopped: true, stop_position: 7 }),
      { running: 1, settled: 1, overriddenStop: 7 },
      null,
    ],
    [
      'a stopped app that was woken stops when it is stopped again',
      assignment(1, { stopped: true, stop_position: 9 }),
      { running: 1, settled: 1, overriddenStop: 7 },
      'stop',
    ],
    [
      'a runner of another protocol gets a successor of its own generation',
      assignment(2),
      { running: 2, settled: 2, outdated: true },
      'renew',
    ],
    [
      'a runner of another protocol goes on when its successor did not start',
      assignment(2),
      { running: 2, settled: 2, outdated: true, failed: true },
      null,
    ],
    ['an app that is not placed here any more stops', null, { running: 1, settled: 1 }, 'stop'],
    ['an app that never ran here needs nothing', null, {}, null],
  ];
  it.each(cases)('%s', (_, desired, view, expected) => {
    expect(kindOf(reconcile(desired, { ...blank, ...view }))).toBe(expected);
  });

  /** What carrying out an action, with or without success, does to the view. */
  function after(action: Action, view: InstanceView, works: boolean): InstanceView {
    switch (action.kind) {
      case 'settle_idle':
      case 'confirm':
        return { ...view, settled: action.assignment.generation, failed: !works && view.running === null };
      case 'start':
      case 'replace':
      case 'renew': {
        const settled = Math.max(view.settled, action.assignment.generation);
        return works
          ? { ...view, settled, running: action.assignment.generation, failed: false, outdated: false }
          : { ...view, settled, failed: true };
      }
      case 'stop':
        return { ...view, running: null };
      case 'refuse':
        return view;
    }
  }

  it('comes to rest within three steps from any state, and never moves to a lower generation', () => {
    const view = fc.record({
      running: fc.option(fc.integer({ min: 1, max: 5 })),
      settled: fc.integer({ min: 0, max: 5 }),
      failed: fc.boolean(),
      outdated: fc.boolean(),
      held: fc.boolean(),
      overriddenStop: fc.integer({ min: 0, max: 5 }),
    });
    const desired = fc.option(
      fc
        .record({
          generation: fc.integer({ min: 1, max: 5 }),
          pinned: fc.boolean(),
          stopped: fc.boolean(),
          stop_position: fc.integer({ min: 0, max: 5 }),
          always: fc.boolean(),
        })
        .map(({ generation, always, ...rest }) => (always ? alwaysOn : assignment)(generation, rest)),
    );
    fc.assert(
      fc.property(desired, view, fc.boolean(), (wanted, start, works) => {
        let now = start;
        for (let step = 0; step < 3; step++) {
          const action = reconcile(wanted, now);
          if (action === null || action.kind === 'refuse') return;
          const next = after(action, now, works);
          if (next.running !== null && now.running !== null)
            expect(next.running).toBeGreaterThanOrEqual(now.running);
          now = next;
        }
        expect(kindOf(reconcile(wanted, now))).toBeNull();
      }),
    );
  });
});
