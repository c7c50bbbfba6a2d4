import { SUPERVISOR_POINTS, type SupervisorPoint } from '../../../src/supervisor/index.ts';
import type { Arrangement } from '../../e2e/office.ts';
import type { Random } from '../random.ts';
import type { Move } from './moves.ts';
import type { Victim } from './place.ts';

/** Who dies, when, and what is done to an app meanwhile. */
export interface Death {
  readonly victim: Victim;
  /** Of the supervisor's work; null: after so many milliseconds. */
  readonly point: SupervisorPoint | null;
  /** How often the point is passed before. */
  readonly passes: number;
  readonly afterMs: number;
  /** What the app is brought to before. */
  readonly first: readonly Move[];
  readonly moves: readonly Move[];
  /** Its runner is killed as well: at a point while the supervisor lives, else when nobody watches. */
  readonly crash: boolean;
}

const LONGEST_MS = 500;

/** A death at a moment of no meaning. */
export function drawDeath(arrangement: Arrangement, random: Random): Death {
  const victim =
    arrangement === 'up' ? 'both' : random.pick(['supervisor', 'supervisor', 'node', 'both'] as const);
  const afterMs = random.int(0, LONGEST_MS);
  const crash = victim !== 'node' && random.int(1, 3) === 1;
  return { victim, point: null, passes: 0, afterMs, first: [], moves: [], crash };
}

/** A death at a point, with what brings the supervisor there. */
export function deathAt(point: SupervisorPoint): Death {
  const at = (first: readonly Move[], moves: readonly Move[], crash = false): Death => ({
    ...{ victim: 'supervisor', point, passes: 0, afterMs: 0 },
    ...{ first, moves, crash },
  });
  switch (point) {
    case 'end noted':
    case 'runner stopped':
    case 'end told':
    case 'record removed':
      return at(['start'], ['stop']);
    case 'failure counted':
      return at(['start'], [], true);
    case 'traces removed':
    case 'purge told':
      return at(['start'], ['purge', 'deploy']);
    default:
      return at([], ['restart']);
  }
}

/** A death at each point, in an order of its own. */
export function drawPoints(random: Random): readonly SupervisorPoint[] {
  return SUPERVISOR_POINTS.map((point) => ({ point, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ point }) => point);
}

export function nameOf({ victim, point, afterMs, crash }: Death): string {
  const when = point === null ? `${victim} after ${afterMs} ms` : `supervisor at '${point}'`;
  return crash ? `${when}, and a runner` : when;
}
