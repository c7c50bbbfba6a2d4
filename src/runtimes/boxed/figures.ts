/**
 * What a guest may tell of a component: `now` is how it stands, `count` never falls. The host knows requests and memory
 * by itself; what both count (`refused`, `memory_exhausted`) is added up.
 */
const FIGURES = {
  instances: 'now',
  instances_busy: 'now',
  requests_waiting: 'now',
  instances_created: 'count',
  fuel_used: 'count',
  fuel_exhausted: 'count',
  memory_exhausted: 'count',
  trapped: 'count',
  refused: 'count',
} as const;

type FigureName = keyof typeof FIGURES;

/** By name; what is not named is not known. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

const NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** Takes what is a figure out of what a guest has said. */
export function parseFigures(said: Readonly<Record<string, unknown>>): Figures {
  const figures: Partial<Record<FigureName, number>> = {};
  for (const name of NAMES) {
    const value = said[name];
    if (typeof value === 'number' && value >= 0) figures[name] = Math.min(value, Number.MAX_SAFE_INTEGER);
  }
  return figures;
}

/** The figures of one guest after the other: counts go on where the guest before has ended. */
export class GuestFigures {
  #last: Figures = {};
  /** Counts of the guests before. */
  #before: Figures = {};

  /** Of the guest that is there. A count that falls is not believed. */
  heard(figures: Figures): void {
    this.#last = combine(
      this.#last,
      figures,
      (last, now) => Math.max(last, now),
      (_, now) => now,
    );
  }

  /** The guest is gone, and so is what it had. */
  ended(): void {
    this.#before = this.current();
    this.#last = {};
  }

  /** All there is to tell; empty when no guest has told anything. */
  current(): Figures {
    return combine(this.#before, this.#last, bounded, (_, now) => now);
  }
}

/** Adds up, and stays where a number can still be counted on. */
function bounded(one: number, other: number): number {
  return Math.min(one + other, Number.MAX_SAFE_INTEGER);
}

function combine(
  one: Figures,
  other: Figures,
  counts: (one: number, other: number) => number,
  states: (one: number, other: number) => number,
): Figures {
  const combined: Partial<Record<FigureName, number>> = {};
  for (const name of NAMES) {
    if (one[name] === undefined && other[name] === undefined) continue;
    const how = FIGURES[name] === 'count' ? counts : states;
    combined[name] = how(one[name] ?? 0, other[name] ?? 0);
  }
  return combined;
}
