import { logError } from '../errors.ts';
import { LogHeld, lockLog } from '../sqlite/lock.ts';

/**
 * Takes the log, so that nothing writes it meanwhile. @returns gives it back
 *
 * @throws TabbifyError `log_in_use`
 */
export function lockOrRefuse(file: string): () => void {
  try {
    return lockLog(file, process.pid);
  } catch (error) {
    if (!(error instanceof LogHeld)) throw error;
    throw logError('log_in_use', {
      what: `The log ${file} cannot be looked at`,
      why: `process ${error.pid ?? '(unknown)'} has it open`,
      hint: 'Stop that office with `tabbify down`, then try again',
      cause: error,
    });
  }
}

/** Has a process this log open? */
export function isOpen(file: string): boolean {
  try {
    lockLog(file, process.pid)();
    return false;
  } catch (error) {
    if (error instanceof LogHeld) return true;
    throw error;
  }
}
