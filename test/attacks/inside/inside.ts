import type { Targets } from '../attack.ts';

/** Where attacks run: an app, or a box. */
export interface Inside extends AsyncDisposable {
  /**
   * Has the code run there.
   *
   * @returns what it reported, as JSON; null when it gave no answer within `deadlineMs`, e.g. because it ended itself
   */
  attack(code: string, targets: Targets, deadlineMs: number): Promise<string | null>;
  isAlive(): boolean;
}
