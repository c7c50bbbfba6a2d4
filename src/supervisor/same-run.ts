import { isDeepStrictEqual } from 'node:util';
import type { Assignment } from './protocol.ts';

/**
 * Would two assignments of an app be run alike? Neither their generation counts, nor what is asked of an app that is there: to be
 * pinned, stopped, started anew, reset or purged.
 */
export function isSameRun(one: Assignment, other: Assignment): boolean {
  return isDeepStrictEqual(whatRuns(one), whatRuns(other));
}

function whatRuns(assignment: Assignment): unknown {
  const { generation, pinned, stopped, ...rest } = assignment;
  const { stop_position, restart_position, reset_position, purge_position, purge_data_position, ...run } =
    rest;
  return run;
}
