import { defineErrors } from '../kit/index.ts';

/** Why an app does not reach where it wants to. */
export const egressError = defineErrors({
  /** No line of its manifest grants it. */
  egress_denied: { status: 403, title: 'Not allowed to leave' },
  /** It is allowed, and nobody answers there. */
  egress_unreachable: { status: 502, title: 'Not reached' },
});
