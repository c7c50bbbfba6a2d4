import { messageOf, TabbifyError } from '../../kit/index.ts';
import { runtimeError } from '../errors.ts';
import type { Cell, GuestApp } from './cell.ts';

/** How a start that failed in the guest is told. */
export interface StartWords {
  /** Why, in words for a person. @param stack with places in the app as the guest has it */
  readonly why: (message: string, stack: string | null) => string;
  readonly hint: string;
}

/** Gives a cell its app. @throws TabbifyError `start_failed`; the cell is gone by then */
export async function loadInto(cell: Cell, app: GuestApp, words: StartWords): Promise<Cell> {
  try {
    const answer = await cell.load(app);
    if (answer.said === 'ready') return cell;
    throw notStarted(words.why(answer.message, answer.stack), words.hint);
  } catch (error) {
    await cell.end({ kind: 'told' });
    if (error instanceof TabbifyError) throw error;
    throw notStarted(messageOf(error), words.hint, error);
  }
}

export function notStarted(why: string, hint: string, cause?: unknown) {
  return runtimeError('start_failed', { what: 'The app did not start', why, hint, cause });
}
