import { PROBLEM_JSON, type Problem, problemOf as problemOfKnown, TabbifyError } from '../kit/index.ts';
import { nodeError } from './errors.ts';

export { PROBLEM_JSON, type Problem };

/**
 * The body (RFC 9457) that a caller may see of anything that was thrown. What nobody foresaw becomes `internal_error`
 * without its message: that one belongs into the log.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof TabbifyError) return problemOfKnown(error);
  return problemOfKnown(
    nodeError('internal_error', {
      what: 'The office could not finish this request',
      hint: 'See the log of the node; the request may be sent again',
      cause: error,
    }),
  );
}
