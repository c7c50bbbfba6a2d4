import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type LifeState, lifeState, TRANSITIONS } from './life-states.ts';
import type { Assignment } from './protocol.ts';
import { type Action, type InstanceView, reconcile } from './reconcile.ts';
import { backoffMs, failedAgain, mayWake, restartStatus, type Trouble } from './restarts.ts';
import { assignment, blankView, serves } from './test-support/lives.ts';

/** What happens to an app from outside; each is one move of a random life. */
const MOVES = [
  ...['tick', 'long_tick', 'busy_tick', 'silence', 'request', 'crash', 'supervisor_restart'],
  ...[
    'deploy',
    'deploy_always_on',
    'return',
    'start',
    'stop',
    'restart',
    'reset',
    'purge',
    'leave',
    'come_stopped',
  ],
] as const;
/** Of a host that is left alone: here failures add up. */
const QUIET = ['long_tick', 'long_tick', 'request', 'crash', 'start'] as const;
type Move = (typeof MOVES)[number];
const movesOf = (moves: readonly Move[], works: fc.Arbitrary<boolean>) =>
  fc.array(fc.record({ move: fc.constantFrom(...moves), works }), { maxLength: 40, size: 'max' });
/** Eventful, then quiet with a version that mostly does not work, then eventful. */
const life = fc
  .tuple(
    movesOf(MOVES, fc.boolean()),
    movesOf(QUIET, fc.constantFrom(false, false, false, true)),
    fc.constant([
      { move: 'stop', works: false },
      { move: 'start', works: false },
    ] as const),
    movesOf(MOVES, fc.boolean()),
  )
  .map((parts) => parts.flat());

/** What a life tells apart of what is run. */
const runOf = (made: Assignment | null) => made && { version: made.version, settings: made.settings };

/** One app on one host: decisions are the real ones, effects take no time and work or not as the life has it. */
function live(moves: readonly { readonly move: Move; readonly works: boolean }[]) {
  let now = 1_000_000;
  let position = 0;
  let desired: Assignment | null = null;
  let view: InstanceView = blankView;
  let isPurged = false;
  /** The last assignment that was taken up, and what was begun as what serves. */
  let good: Assignment | null = null;
  let servesAs: Assignment | null = null;
  let state: LifeState = 'absent';
  let lastFailure: { readonly at: number; readonly failures: number; readonly served: boolean } | null = null;
  let forgivenAt = 0;
  const ways = new Set<string>();

  function enter(next: LifeState): void {
    if (next !== state) ways.add(`${state} → ${next}`);
    state = next;
  }
  /** As the instance sees it: the trouble of an earlier generation is over. */
  const seen = (): InstanceView => ({
    ...view,
    trouble: view.trouble?.generation === desired?.generation ? view.trouble : null,
  });
  const settle = (): void => enter(lifeState(desired, seen(), false));

  function failed(served: boolean): void {
    const generation = desired?.generation ?? 0;
    const before: Trouble | null = view.trouble?.generation === generation ? view.trouble : null;
    const trouble = failedAgain(before, { generation, served, now, runner: null });
    lastFailure = { at: now, failures: trouble.failures, served };
    view = { ...view, trouble };
  }

  function start(made: Assignment, works: boolean, asked: boolean): void {
    const isNew = made.generation > view.settled;
    const current = view.trouble?.generation === made.generation ? view.trouble : null;
    // The invariants of every start:
    if (view.running === null && !isNew && lastFailure !== null && lastFailure.at > forgivenAt) {
      const mayBringForward = asked && lastFailure.failures === 1 && lastFailure.served;
      if (!mayBringForward)
        expect(now - lastFailure.at).toBeGreaterThanOrEqual(backoffMs(lastFailure.failures));
    }
    if (!isNew) expect(restartStatus(current)).not.toBe('parked');
    if (!asked) expect(made.stopped).toBe(false);
    enter('starting');
    const settled = Math.max(view.settled, made.generation);
    const restarted = Math.max(view.restarted, made.restart_position);
    const gaveUp = isNew ? !works && view.running === null : view.gaveUp && !works;
    view = { ...view, settled, restarted, gaveUp };
    if (isNew || works) view = { ...view, fallback: works ? null : good };
    if (works) {
      good = servesAs = made;
      view = { ...view, running: serves(made.generation, now) };
    } else if (!isNew || view.running === null) failed(false);
    settle();
  }

  function carryOut(action: Action, works: boolean): void {
    switch (action.kind) {
      case 'replace': {
        // What an office returns to after a failure is not begun anew.
        const { version, settings } = action.assignment;
        if (view.fallback !== null) expect({ version, settings }).not.toEqual(runOf(servesAs));
        start(action.assignment, works, false);
        return;
      }
      case 'start':
      case 'restart':
      case 'renew':
      case 'regrant':
        start(action.assignment, works, false);
        return;
      case 'confirm':
      case 'settle_idle':
        if (action.kind === 'confirm') expect(runOf(servesAs)).toEqual(runOf(action.assignment));
        good = action.assignment;
        view = { ...view, settled: action.assignment.generation, gaveUp: false, fallback: null };
        return;
      case 'stop':
        view = { ...view, running: null };
        return;
      case 'stop_idle':
        expect(desired?.pinned).toBe(false);
        expect(desired?.settings.lifecycle).toBe('on_request');
        view = { ...view, running: null }; // and no failure
        return;
      case 'kill_silent':
        view = { ...view, running: null };
        failed(true);
        return;
      case 'recover':
      case 'reset':
        forgivenAt = now;
        view = { ...view, trouble: null };
        if (action.kind === 'reset') view = { ...view, reset: action.position };
        return;
      case 'purge':
        view = {
          ...{ ...blankView, purged: action.assignment.purge_position },
          settled: action.assignment.generation - (action.assignment.stopped ? 0 : 1),
        };
        isPurged = true;
        good = null;
        forgivenAt = now;
        return;
      case 'grant':
        throw new Error('this log grants nothing');
      case 'refuse':
        throw new Error('this log never goes back');
    }
  }

  function converge(works: boolean): void {
    for (let step = 0; step < 8; step++) {
      const action = reconcile(desired, seen(), now);
      if (action === null) break;
      const mustStop =
        desired?.stopped && desired.stop_position > view.overriddenStop && view.running !== null;
      if (mustStop) expect(['stop', 'purge']).toContain(action.kind);
      carryOut(action, works);
      settle();
      if (step === 7) throw new Error('it does not come to rest');
    }
    if (isPurged && desired?.stopped) {
      desired = null; // the log has it from here
      view = blankView;
    }
    isPurged = false;
    if (desired === null) {
      good = null;
      view = blankView; // a host forgets what it does not have
      forgivenAt = now;
    }
    settle();
  }

  function deploy(lifecycle: 'always_on' | 'on_request'): void {
    const generation = position + 1_000; // ever higher
    const { pinned = false, stop_position = 0 } = desired ?? {};
    const made = assignment(generation, { pinned, stop_position });
    desired = { ...made, settings: { ...made.settings, lifecycle } };
    forgivenAt = now;
  }

  /** What served before a version that did not start is to be there again. */
  function returnToGood(): void {
    if (desired === null || good === null || view.fallback === null) return;
    const { pinned, stop_position } = desired;
    desired = { ...good, generation: position + 1_000, pinned, stop_position, stopped: false };
    forgivenAt = now;
  }

  function happen(move: Move, works: boolean): void {
    position += 1;
    now += 1;
    const ask = (changes: Partial<Assignment>): void => {
      if (desired !== null && desired.purge_position === 0) desired = { ...desired, ...changes };
    };
    const { running } = view;
    switch (move) {
      case 'tick':
      case 'long_tick':
      case 'busy_tick':
        now += move === 'long_tick' ? 320_000 : 5_000;
        if (running === null) break;
        view = {
          ...view,
          running: {
            ...running,
            lookedAt: now,
            silentRounds: 0,
            ...(move === 'busy_tick' && { activeAt: now }),
          },
        };
        break;
      case 'silence':
        now += 5_000;
        if (running !== null)
          view = { ...view, running: { ...running, silentRounds: running.silentRounds + 1 } };
        break;
      case 'request': {
        if (desired === null || desired.purge_position > 0) break;
        if (running !== null) view = { ...view, running: { ...running, activeAt: now } };
        else if (mayWake(seen().trouble, now)) {
          view = { ...view, overriddenStop: desired.stopped ? desired.stop_position : 0 };
          start(desired, works, true);
        }
        break;
      }
      case 'crash':
        if (running === null) break;
        view = { ...view, running: null };
        failed(true);
        settle();
        break;
      case 'deploy':
        deploy('on_request');
        break;
      case 'deploy_always_on':
        deploy('always_on');
        break;
      case 'return':
        returnToGood();
        break;
      case 'start':
        ask({ pinned: true, stopped: false });
        break;
      case 'stop':
        ask({ pinned: false, stopped: true, stop_position: position });
        break;
      case 'restart':
        ask({ stopped: false, restart_position: position });
        break;
      case 'reset':
        ask({ reset_position: position });
        break;
      case 'purge':
        ask({ pinned: false, stopped: true, stop_position: position, purge_position: position });
        break;
      case 'leave':
        desired = null;
        break;
      case 'come_stopped':
        if (desired === null)
          desired = assignment(position + 1_000, { stopped: true, stop_position: position });
        break;
      case 'supervisor_restart': // what is on disk stays: all but activity and silence
        if (running !== null) view = { ...view, running: serves(running.generation, now) };
        break;
    }
    settle();
    converge(works);
    // A stop that nothing has overridden has been carried out.
    if (desired?.stopped && desired.stop_position > view.overriddenStop) expect(view.running).toBeNull();
  }

  for (const { move, works } of moves) happen(move, works);
  return ways;
}

const drawn = new Set(TRANSITIONS.map(({ from, to }) => `${from} → ${to}`));

it('keeps its promises in every life, and changes state only as the table says', () => {
  fc.assert(
    fc.property(life, (moves) => {
      expect([...live(moves)].filter((way) => !drawn.has(way))).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

it('has no change of state in the table that no life brings about', () => {
  const walked = fc.sample(life, { numRuns: 2_000, seed: 4 }).flatMap((moves) => [...live(moves)]);
  expect([...new Set(walked)].sort()).toEqual([...drawn].sort());
});
