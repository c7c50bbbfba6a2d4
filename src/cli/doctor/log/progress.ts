import type { Progress as Walk } from '../../../log/index.ts';
import type { Progress } from '../../terminal/progress.ts';

/** Shows how far a walk over the log is, in tenths: where nobody watches a spinner each is a line. */
export function showWalk(progress: Progress, text: string): (walk: Walk) => void {
  return ({ position, head }) =>
    progress.step(`${text}: ${Math.floor((10 * position) / Math.max(1, head)) * 10} %`);
}
