import type { BoxEnforcement, BoxLimit } from './box.ts';
import type { GroupBound } from './groups/driver.ts';

/**
 * How well the bounds of a box hold.
 *
 * @param groups what control groups bound here. Without one, memory is bounded for each process by itself, and CPU and the number
 * of tasks by nothing: the kernel counts a user's processes over all boxes of that user.
 */
export function limitsOf(groups: ReadonlySet<GroupBound>): Readonly<Record<BoxLimit, BoxEnforcement>> {
  return {
    memory: groups.has('memory') ? 'enforced' : 'best_effort',
    cpu: groups.has('cpu') ? 'enforced' : 'unsupported',
    tasks: groups.has('tasks') ? 'enforced' : 'unsupported',
    tmp: 'enforced',
    openFiles: 'enforced',
  };
}
