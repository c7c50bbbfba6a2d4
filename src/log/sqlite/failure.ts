import { isDamage } from './lanes.ts';
import { LogHeld } from './lock.ts';
import type { Failure } from './messages.ts';

/** The file is damaged so that going on would lose what was acknowledged. */
export class LogDamaged extends Error {}

/** What an error of SQLite means to the caller of the log. */
export function failureOf(error: unknown): Failure {
  if (error instanceof LogHeld) {
    return {
      code: 'log_in_use',
      why: `process ${error.pid ?? '(unknown)'} has it open`,
      hint: 'Stop that office with `tabbify down`, or use another home with --home',
    };
  }
  const { message, errcode = 0 } = error as Error & { errcode?: number };
  const full = errcode % 256 === 13; // SQLITE_FULL
  return {
    code: 'log_unavailable',
    why: full ? 'the disk is full' : message,
    hint: full
      ? 'Free some disk space, then try again; reading goes on meanwhile'
      : isDamage(error) || error instanceof LogDamaged
        ? 'The file or the disk is damaged: stop the office, then look with `tabbify doctor --verify`'
        : 'Check the disk and the file, then try again; an append may be repeated with the same id',
  };
}
