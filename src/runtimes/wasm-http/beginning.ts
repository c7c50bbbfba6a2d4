import type { IncomingMessage } from 'node:http';
import { REHEARSAL_METHOD } from './artifact.ts';
import type { Guest } from './guest.ts';
import { Snapshot } from './snapshot.ts';
import { IncomingRequest } from './wasi/http/incoming-request.ts';
import { ResponseOutparam } from './wasi/http/response-outparam.ts';
import type { WasmInstance } from './webassembly.ts';

/** An instance before its first request. */
export interface BegunInstance {
  readonly guest: Guest;
  readonly cores: readonly WasmInstance[];
  readonly handle: (request: IncomingRequest, out: ResponseOutparam) => Promise<void>;
}

/**
 * How the instances of a restorable component are before their first request, the same for all of an app. What the engine does for
 * its first request only is done then, without the app: it would be done again for each.
 */
export class Beginning {
  #snapshot: Snapshot | null = null;

  /**
   * Has a new instance begin so.
   *
   * @returns puts the instance back when a request is over: nothing of that request is in its memories and globals then, and its guest
   * holds no handle of anything outside; false where that cannot be done, and it is of no use any more. Rejects when its guest breaks down
   */
  async begin(instance: BegunInstance): Promise<() => boolean> {
    const { guest, cores } = instance;
    const before = this.#snapshot?.wayBack(cores);
    if (before?.() !== true) {
      await rehearse(instance);
      // With handles of its own another instance could not go on from there.
      if (this.#snapshot === null && guest.isAtRest) this.#snapshot = new Snapshot(cores);
    }
    const back = before ?? this.#snapshot?.wayBack(cores);
    return () => guest.isAtRest && back?.() === true;
  }
}

/** A request as an edge sends them. */
const REQUEST = {
  method: REHEARSAL_METHOD,
  url: '/',
  headers: { host: 'localhost' },
  rawHeaders: ['host', 'localhost', 'accept', '*/*', 'user-agent', 'rehearsal'],
};

async function rehearse({ guest, handle }: BegunInstance): Promise<void> {
  const request = new IncomingRequest(guest, REQUEST as unknown as IncomingMessage);
  const out = new ResponseOutparam(guest, {
    respond: ({ buffer }) => buffer.attach('discard'),
    respondError: () => {},
  });
  await guest.run(() => handle(request, out));
}
