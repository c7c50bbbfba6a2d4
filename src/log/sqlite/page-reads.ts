import { logError } from '../errors.ts';
import type { CheckedQuery } from '../filter.ts';
import type { Failure, PageText } from './messages.ts';

interface Asked {
  readonly resolve: (page: PageText) => void;
  readonly reject: (error: Error) => void;
}

/** Matches the pages that come back from the thread with those who asked. */
export function createPageReads(send: (ticket: number, query: CheckedQuery) => void) {
  const asked = new Map<number, Asked>();
  let tickets = 0;
  const take = (ticket: number) => {
    const found = asked.get(ticket);
    asked.delete(ticket);
    return found;
  };
  return {
    read: (query: CheckedQuery): Promise<PageText> =>
      new Promise((resolve, reject) => {
        const ticket = ++tickets;
        asked.set(ticket, { resolve, reject });
        send(ticket, query);
      }),
    answer: (ticket: number, page: PageText) => take(ticket)?.resolve(page),
    refuse: (ticket: number, failure: Failure) => take(ticket)?.reject(unreadable(failure)),
    fail(failure: Failure) {
      for (const ticket of [...asked.keys()]) take(ticket)?.reject(unreadable(failure));
    },
  };
}

function unreadable({ why, hint }: Failure) {
  return logError('log_unavailable', { what: 'The log cannot be read', why, hint });
}
