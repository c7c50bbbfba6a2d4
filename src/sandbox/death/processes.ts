import { readdirSync, readFileSync } from 'node:fs';
import { type ProcessIdentity, startTimeOf } from '../../kit/index.ts';

/** Variable of the processes that build a box: `<office>/<slot>/<nonce>`. Only root and their own user can read it. */
export const MARKER = 'TABBIFY_BOX';

/** A living process as the sweep sees it. */
export interface SeenProcess extends ProcessIdentity {
  /** Its real uid. */
  readonly uid: number;
  /** What `MARKER` says; null: it has none. */
  readonly marker: string | null;
}

/** All processes of this machine that this user may look at. */
export function seenProcesses(): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      const start_time = startTimeOf(pid);
      const uid = uidOfProcess(pid);
      if (start_time === null || uid === null) return [];
      return [{ pid, start_time, uid, marker: markerOf(pid) }];
    });
}

/** Who started a process; null when that is nobody with this marker: whoever takes over the children of the dead is never meant. */
export function markedParent(pid: number, marker: string): ProcessIdentity | null {
  const parent = Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  const start_time = startTimeOf(parent);
  return start_time !== null && markerOf(parent) === marker ? { pid: parent, start_time } : null;
}

function uidOfProcess(pid: number): number | null {
  const uid = /^Uid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
  return uid === undefined ? null : Number(uid);
}

function markerOf(pid: number): string | null {
  const found = read(`/proc/${pid}/environ`)
    .split('\0')
    .find((variable) => variable.startsWith(`${MARKER}=`));
  return found?.slice(MARKER.length + 1) ?? null;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it is gone, or another user's
  }
}
