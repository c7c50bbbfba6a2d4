import type { Layer } from './attack.ts';
import type { NativeBox } from './inside/box.ts';
import type { AttackedRunner, Runners } from './inside/runner.ts';
import type { World } from './world.ts';

/** What a case has to play with. */
export interface Scene {
  readonly world: World;
  readonly runners: Runners;
  /** Another app of the same office. */
  readonly neighbour: AttackedRunner;
  /** Opens a box with the program that takes attacks natively. */
  openBox(): Promise<NativeBox>;
  /**
   * Visits the neighbour again and again while something happens.
   *
   * @returns a sentence when it answered slower than asked (`boundMs`), or not at all
   */
  whileVisited(action: () => Promise<unknown>): Promise<string[]>;
}

/** A case that has an app, or a box, for itself: it may well end it. */
export interface Drama {
  readonly name: string;
  /** It does not depend on who runs the office: root's run alone has it, where there is one. */
  readonly isPlayedOnce?: boolean;
  /** @returns what happened that must not happen, one sentence each */
  play(scene: Scene): Promise<string[]>;
}

/** What became of one case. */
export interface Outcome {
  readonly group: string;
  readonly name: string;
  /** Null: with an app of its own. */
  readonly layer: Layer | null;
  readonly problems: readonly string[];
  readonly ms: number;
}
