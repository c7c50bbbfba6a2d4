/** Why the platform ended a guest. */
export type TrapReason =
  /** The request's share of host calls is used up; counted as fuel. */
  | 'host_calls'
  /** More handles or buffered bytes than one instance may hold in the host. */
  | 'host_memory'
  /** All instances of the app together hold more memory than one app may. */
  | 'app_memory'
  /** The guest called a function this platform does not offer. */
  | 'import_denied'
  /** The guest asked for something no host may give, e.g. a write past its permit. */
  | 'misuse'
  /** The guest ended its own program. */
  | 'exit'
  /** Nobody waits for the answer any more, or the app is being stopped. */
  | 'interrupted';

/**
 * Ends a guest: the glue passes any `Error` that an import throws through the component, as a trap.
 * (An expected failure, which the guest is to see, is a `WasiFailure`.)
 */
export class GuestTrap extends Error {
  readonly reason: TrapReason;

  constructor(reason: TrapReason, message: string) {
    super(message);
    this.name = 'GuestTrap';
    this.reason = reason;
  }
}
