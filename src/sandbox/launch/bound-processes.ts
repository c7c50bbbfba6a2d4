import { runChild } from '../../kit/index.ts';
import type { BoxBounds } from '../box.ts';
import { processesBelow } from '../verify/look-inside.ts';
import { asUser } from './as-user.ts';
import type { Programs } from './programs.ts';
import { limitOptions, type ResourceLimit, resourceLimits } from './resource-limits.ts';

/** The box whose processes are bounded anew. */
export interface BoundedBox {
  readonly programs: Programs;
  readonly init: number;
  /** Its own, as root. Whoever lowers the limits of a process is its user, and may be root without being allowed to do that. */
  readonly uid: number | null;
  /** As in `resourceLimits`. */
  readonly memory: boolean;
}

/**
 * Lowers the resource limits of all in a box.
 *
 * @throws when one of them cannot be lowered, or would have to be raised
 */
export async function boundProcesses(box: BoundedBox, before: BoxBounds, after: BoxBounds): Promise<void> {
  if (after.tmpBytes < before.tmpBytes) throw new Error('its /tmp is larger already');
  const changed = changedLimits(resourceLimits(before, box.memory), resourceLimits(after, box.memory));
  if (changed.length === 0) return;
  for (const pid of [box.init, ...processesBelow(box.init)]) {
    const command = [box.programs.prlimit, `--pid=${pid}`, ...limitOptions(changed)] as const;
    const [program, ...args] = asUser(box.programs.setpriv, box.uid, command);
    const { code, stderr } = await runChild(program, args, { env: {}, timeoutMs: 10_000 });
    if (code !== 0) throw new Error(stderr.trim());
  }
}

/** @throws when one of them is higher than before */
function changedLimits(before: readonly ResourceLimit[], after: readonly ResourceLimit[]): ResourceLimit[] {
  return after.filter(({ name, value }, index) => {
    const was = before[index]?.value ?? 0;
    if (value > was) throw new Error(`${name} of a process that runs is never raised`);
    return value < was;
  });
}
