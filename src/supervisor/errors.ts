import { defineErrors } from '../kit/index.ts';

/** Closed list of what goes wrong in a supervisor. */
export const supervisorError = defineErrors({
  /** The bearer is not the control key announced to the node. */
  unauthorized: { status: 401, title: 'Not authorized' },
  /** No such path or method in the supervisor's API. */
  route_unknown: { status: 404, title: 'Not found' },
  /** A value in the query of logs or metrics is none that can be used. */
  query_invalid: { status: 400, title: 'Query cannot be used' },
  /** The log has not placed this app on this host. */
  app_not_assigned: { status: 404, title: 'App is not placed here' },
  /** The app could not be started; the answer carries the last lines of its log. */
  start_failed: { status: 503, title: 'App does not start' },
  /** The gateway, which alone has the secrets that the app is given, does not answer; tried again later. */
  gateway_away: { status: 503, title: 'Gateway is away' },
  /** A secret that the app cannot do without is not registered. */
  secret_missing: { status: 503, title: 'Secret is not registered' },
  /** A secret that the app cannot do without was granted once and is not any more. */
  secret_withheld: { status: 503, title: 'Secret is not granted' },
  /** The supervisor is closing. */
  closing: { status: 503, title: 'Supervisor is closing' },
  /** The node does not accept the supervisor's credential (it was revoked, or the office was made anew). */
  node_refused: { status: 401, title: 'Node refused the supervisor' },
  /** The node cannot be reached or answered with an error; asked again later. */
  node_unavailable: { status: 503, title: 'Node is not available' },
  /** The node refused this very event; sending it again would not help. */
  event_rejected: { status: 400, title: 'Node rejected an event' },
});
