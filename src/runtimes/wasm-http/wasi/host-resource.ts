import type { Guest } from '../guest.ts';

/**
 * Lets go of a handle that the guest gave away. A symbol, because a guest names what it imports: of an object it holds it can
 * call whatever has a plain name, but nothing that has none.
 */
export const RELEASE = Symbol('release');

/**
 * What the guest holds a handle of. Each counts against its instance until the guest drops the handle (the glue then calls
 * `Symbol.dispose`) or gives it away (the host calls `RELEASE`).
 *
 * Plain properties on purpose: a private field of a class with this many subclasses costs a slow lookup at every access.
 */
export abstract class HostResource {
  declare protected readonly guest: Guest;
  declare private held: boolean;

  /** @throws GuestTrap `host_memory` */
  constructor(guest: Guest) {
    this.guest = guest;
    this.held = true;
    guest.holdResource();
  }

  /** Calling it again changes nothing. */
  [RELEASE](): void {
    if (!this.held) return;
    this.held = false;
    this.guest.releaseResource();
  }

  [Symbol.dispose](): void {
    this[RELEASE]();
  }
}

/**
 * Makes objects of the base count as `instanceof` a guest's own subclass of it: the guest constructs through its subclass
 * (which knows the guest), the host hands out objects of the base, and the glue checks both against the subclass.
 */
export function standsFor(base: { readonly prototype: object }): (value: unknown) => boolean {
  return (value) => Function.prototype[Symbol.hasInstance].call(base, value);
}
