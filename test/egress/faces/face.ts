import type { EgressCase, FaceName } from '../case.ts';
import type { World } from '../world.ts';

/** What one attempt came to, as who tried it saw it. */
export interface Outcome {
  /** By what it was tried. */
  readonly by: string;
  /** It was told that it got through. */
  readonly isReached: boolean;
  /** It ended by itself, with an error or an answer that says no. */
  readonly isClean: boolean;
  /** For the message of a failed test. */
  readonly shown: string;
}

/** From where the cases are tried. */
export interface Face extends AsyncDisposable {
  readonly name: FaceName;
  /** @returns null: the case has no form there */
  attempt(tried: EgressCase): Promise<readonly Outcome[]> | null;
}

/** Opens one in a world. */
export type OpenFace = (world: World) => Promise<Face>;

/** Milliseconds after which an attempt is left; one that waits for a bound of the channel's socket has a longer one. */
export const PATIENCE_MS = 3_000;
