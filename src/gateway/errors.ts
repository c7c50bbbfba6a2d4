import { defineErrors } from '../kit/index.ts';

/** What the gateway itself refuses; what the node or the store of secrets says passes through with its own code. */
export const gatewayError = defineErrors({
  /** The body, a path part or a query value is not what the gateway takes; the caller mends it. */
  request_invalid: { status: 400, title: 'Request cannot be read' },
  /** The credential is known and does not reach this far. */
  not_allowed: { status: 403, title: 'Not allowed' },
  /** A supervisor asked for a secret that the app is not granted, or of another office. */
  secret_not_granted: { status: 403, title: 'Secret is not granted' },
  /** A supervisor asks for secrets without end. */
  too_many_resolves: { status: 429, title: 'Too many starts' },
  /** The body is larger than the gateway takes. */
  body_too_large: { status: 413, title: 'Body too large' },
  /** Who asks, and what is in the log, is the node's to say, and it does not answer. */
  node_away: { status: 503, title: 'Node is away' },
  /** Whatever was not foreseen; the log of the gateway has the cause. */
  internal_error: { status: 500, title: 'Something went wrong in the office' },
});
