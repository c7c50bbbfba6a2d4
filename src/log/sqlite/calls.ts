import { logError } from '../errors.ts';
import type { Answers, Call, Failure } from './messages.ts';

interface Asked {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** Matches the answers that come back from a thread with those who asked. */
export interface Calls {
  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]>;
  answer(ticket: number, answer: Answers[Call['kind']]): void;
  refuse(ticket: number, failure: Failure): void;
  /** Nothing that was asked so far is answered any more. */
  fail(failure: Failure): void;
}

export function createCalls(send: (ticket: number, call: Call) => void): Calls {
  const asked = new Map<number, Asked>();
  let tickets = 0;
  const take = (ticket: number) => {
    const found = asked.get(ticket);
    asked.delete(ticket);
    return found;
  };
  return {
    ask: (call) =>
      new Promise((resolve, reject) => {
        const ticket = ++tickets;
        asked.set(ticket, { resolve: resolve as Asked['resolve'], reject });
        send(ticket, call);
      }),
    answer: (ticket, answer) => take(ticket)?.resolve(answer as never),
    refuse: (ticket, failure) => take(ticket)?.reject(unanswered(failure)),
    fail(failure) {
      for (const ticket of [...asked.keys()]) take(ticket)?.reject(unanswered(failure));
    },
  };
}

function unanswered({ why, hint }: Failure) {
  return logError('log_unavailable', { what: 'The log did not answer', why, hint });
}
