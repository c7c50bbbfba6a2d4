import { defineErrors } from '../kit/index.ts';

/** Closed list of what goes wrong between a runner and those who talk to it. */
export const runnerError = defineErrors({
  /** argv lacks or garbles a field: the supervisor and the bundle do not belong together. */
  arguments_invalid: { status: 500, title: 'Runner started with wrong arguments' },
  /** Nobody listens on the control socket: the runner is dead or was never there. */
  runner_unreachable: { status: 502, title: 'Runner cannot be reached' },
  /** The runner accepted the connection and did not answer in time. */
  runner_silent: { status: 504, title: 'Runner does not answer' },
  /** What came back is not a line of the control protocol. */
  runner_garbled: { status: 502, title: 'Runner answered something else' },
  /** The runner's program could not be bundled or laid down. */
  bundle_failed: { status: 500, title: 'Runner could not be bundled' },
  /** The directory for control sockets belongs to somebody else, or is open to others. */
  socket_directory_unsafe: { status: 500, title: 'Directory for sockets is not safe' },
});
