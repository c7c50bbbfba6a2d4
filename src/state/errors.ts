import { defineErrors } from '../kit/index.ts';

/** Every code with which the state refuses. */
export const stateError = defineErrors({
  /** The data of a domain event does not have the shape its schema names. */
  event_invalid: { status: 400, title: 'Event invalid' },
  /** The log holds a known type in a schema newer than this program: only a newer program can fold it. */
  event_too_new: { status: 500, title: 'Event from a newer version' },
});
