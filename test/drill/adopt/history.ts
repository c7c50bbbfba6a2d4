import { expectKept } from '../drill.ts';
import type { SeenEvent } from '../kill/follower.ts';

const ENDS = ['app_crashed', 'app_stopped', 'app_idled'];

/**
 * What the log tells of an app's runners: each is started once, adopted only while it serves, and ends once, unless another
 * took its place.
 *
 * @returns pid of the runner that serves, as the log has it; null for none
 * @throws Broken
 */
export function runnerInLog(log: readonly SeenEvent[], app: string): number | null {
  let serving: number | null = null;
  for (const { type, position, data } of log) {
    if (data.app !== app) continue;
    if (type === 'app_started' && data.adopted === true) {
      expectKept(serving === data.pid, `at ${position} ${data.pid} is adopted where ${serving} served`);
    } else if (type === 'app_started') {
      expectKept(serving !== data.pid, `at ${position} the start of ${data.pid} is told once more`);
      serving = Number(data.pid);
    } else if (ENDS.includes(type)) {
      expectKept(serving !== null, `at ${position} ${type}, where nothing served`);
      serving = null;
    }
  }
  return serving;
}
