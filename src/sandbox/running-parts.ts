import type { ChildProcess } from 'node:child_process';
import type { ProcessIdentity } from '../kit/index.ts';
import type { BoxSpec } from './box.ts';
import type { BoxGroups } from './groups/driver.ts';
import type { Machine } from './machine.ts';
import type { BoxRecord } from './records/record.ts';
import type { RecordPlace } from './records/record-files.ts';

/** All that is known of a box that was let go. */
export interface RunningParts {
  readonly spec: BoxSpec;
  readonly machine: Machine;
  readonly place: RecordPlace;
  readonly record: BoxRecord;
  /** Its first process. */
  readonly init: number;
  /** The bubblewrap that made the box and waits for it, where that is not the launcher itself. */
  readonly monitor: ProcessIdentity | null;
  readonly groups: BoxGroups;
  readonly child: ChildProcess;
}
