/** How a drill is to be run. */
export interface DrillOptions {
  /** Null: as many as the drill thinks right. */
  readonly rounds: number | null;
  readonly seed: number;
  /** Progress, a line at a time. */
  readonly say: (text: string) => void;
}

/** What a drill saw; one that saw something wrong throws instead. */
export interface DrillReport {
  readonly rounds: number;
  /** In a few words, with figures. */
  readonly seen: string;
}

/** One way in which the machine fails under an office, tried often. */
export interface Drill {
  readonly name: string;
  /** What it does, for the table. */
  readonly what: string;
  run(options: DrillOptions): Promise<DrillReport>;
}

/** Thrown where a promise was broken; the seed in it repeats the run's decisions. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** @throws Broken with the text unless the promise was kept */
export function expectKept(kept: boolean, broken: string | (() => string)): asserts kept {
  if (!kept) throw new Broken(typeof broken === 'string' ? broken : broken());
}
