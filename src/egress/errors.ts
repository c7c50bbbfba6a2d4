import { defineErrors } from '../kit/index.ts';

/** Why an app does not reach where it wants to. */
export const egressError = defineErrors({
  /** No line of its manifest grants it. */
  egress_denied: { status: 403, title: 'Not allowed to leave' },
  /** It is allowed, and nobody answers there. */
  egress_unreachable: { status: 502, title: 'Not reached' },
  /** The app has as many connections as one may have. */
  egress_busy: { status: 503, title: 'Too many connections' },
  /** The app makes more new connections per second than one may. */
  egress_rate_limited: { status: 429, title: 'Too many new connections' },
  /** What was sent to the channel's socket asks for nothing that it gives. */
  egress_request_invalid: { status: 400, title: 'Not a request to a proxy' },
  /** The app called the platform for what this version does not have. */
  app_api_missing: { status: 404, title: 'No app API' },
});
