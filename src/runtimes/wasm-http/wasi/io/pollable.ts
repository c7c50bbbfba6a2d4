import type { Guest } from '../../guest.ts';
import { HostResource } from '../host-resource.ts';
import type { Waitable } from './waitable.ts';

/** `wasi:io/poll.pollable`. */
export class Pollable extends HostResource {
  readonly #source: Waitable;

  constructor(guest: Guest, source: Waitable) {
    super(guest);
    this.#source = source;
  }

  get source(): Waitable {
    return this.#source;
  }

  ready(): boolean {
    return this.#source.ready();
  }

  block(): Promise<void> {
    return this.guest.untilReady([this.#source]);
  }
}

/** `wasi:io/poll.poll`: indexes of all that are ready, after at least one is. An empty list traps, as the WIT says. */
export function pollFor(guest: Guest): (pollables: readonly Pollable[]) => Promise<Uint32Array> {
  return async (pollables) => {
    if (pollables.length === 0) throw guest.trap('misuse', 'poll of nothing');
    await guest.untilReady(pollables.map((pollable) => pollable.source));
    const ready: number[] = [];
    pollables.forEach((pollable, index) => {
      if (pollable.ready()) ready.push(index);
    });
    return Uint32Array.from(ready);
  };
}
