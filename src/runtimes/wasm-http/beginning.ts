import type { IncomingMessage } from 'node:http';
import { REHEARSAL_METHOD } from './artifact.ts';
import type { Guest } from './guest.ts';
import { putBack, type Snapshot, takeSnapshot } from './snapshot.ts';
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

  /** Has a new instance begin so. Rejects when its guest breaks down. */
  async begin(instance: BegunInstance): Promise<void> {
    if (this.#snapshot !== null && putBack(instance.cores, this.#snapshot)) return;
    await rehearse(instance);
    // With handles of its own another instance could not go on from there.
    if (instance.guest.isAtRest) this.#snapshot ??= takeSnapshot(instance.cores);
  }

  /**
   * Puts an instance back whose request is over: nothing of that request is in its memories and globals then, and its guest holds no handle
   * of anything outside.
   *
   * @returns false where that cannot be done; it is of no use any more
   */
  restore({ guest, cores }: Pick<BegunInstance, 'guest' | 'cores'>): boolean {
    return this.#snapshot !== null && guest.isAtRest && putBack(cores, this.#snapshot);
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
