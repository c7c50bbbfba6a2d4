import { messageOf } from '../kit/index.ts';
import type { Box } from './box.ts';
import { clearUp } from './death/clear-up.ts';
import { endInit } from './death/end-processes.ts';
import { sandboxError } from './errors.ts';
import { CPU_WEIGHT } from './groups/driver.ts';
import { boundProcesses } from './launch/bound-processes.ts';
import { limitsOf } from './limits.ts';
import type { RunningParts } from './running-parts.ts';
import { usageOf } from './usage.ts';
import { boxFaults } from './verify/box-faults.ts';

/** Hands out a box, and clears up when it ends. */
export function runningBox(parts: RunningParts): Box {
  const { spec, machine, record, init, groups, child } = parts;
  let bounds = spec.bounds;
  let killed = false;
  let isOver = false;
  const ended = clearUp(parts, () => killed).finally(() => {
    isOver = true;
  });
  const kill = () => {
    killed = true;
    // Its groups may be those of the next box as soon as all is cleared up.
    void endInit(record, () => isOver).then(() => child.kill('SIGKILL'));
    return ended;
  };
  const refused = async (what: string, why: string) => {
    await kill();
    return sandboxError('box_unsafe', { what, why, hint: 'docs/sandbox.md says what a sandbox is made of.' });
  };
  return {
    child,
    pid: init,
    limits: limitsOf(machine.groups.holds),
    ended,
    kill,
    hurry: () => {
      if (!isOver) groups.weigh(CPU_WEIGHT.ordinary);
    },
    ...usageOf(groups, init),
    verify: async () => {
      const faults = await boxFaults(parts, bounds);
      if (faults.length > 0) throw await refused('A sandbox is not as it must be', faults.join('; '));
    },
    bound: async (next) => {
      try {
        const { programs } = machine;
        const memory = !machine.groups.holds.has('memory');
        await boundProcesses({ programs, init, uid: record.uid, memory }, bounds, next);
        groups.bound(next);
        bounds = next;
      } catch (error) {
        throw await refused('A sandbox cannot be bounded', messageOf(error));
      }
    },
  };
}
