import { defineErrors } from '../kit/index.ts';

/** Closed list of what goes wrong with boxes. */
export const sandboxError = defineErrors({
  /** This machine cannot build a box at all; why is what a `BoxReport` says. */
  box_unavailable: { status: 503, title: 'No sandbox on this machine' },
  /** A box did not come up, or its program ended before it was looked at; nothing of it is left. */
  box_failed: { status: 500, title: 'Sandbox could not be started' },
  /** A box is not as it must be, or a bound could not be put on it; it is dead by then. */
  box_unsafe: { status: 500, title: 'Sandbox is not safe' },
});
