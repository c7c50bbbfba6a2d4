import { defineErrors, type TabbifyError } from '../kit/index.ts';
import { QUERY_DEADLINE_MS } from './limits.ts';

/** Why an app does not get at its data, or data cannot be had. */
export const dataError = defineErrors({
  /** The app's manifest does not ask for data: `[runtime] stateful = true`. */
  not_stateful: { status: 409, title: 'The app keeps no data' },
  /** No value is stored under this key. */
  kv_not_found: { status: 404, title: 'No such key' },
  /** `if-match` or `if-none-match` does not hold: read again, then write. */
  kv_conflict: { status: 412, title: 'Changed meanwhile' },
  /** A key is 1 to 512 bytes of UTF-8. */
  kv_key_invalid: { status: 400, title: 'Not a key' },
  /** Path or method that the data API does not have, or a parameter that is none. */
  data_request_invalid: { status: 400, title: 'Not a request for data' },
  /** The path is there, not with this method. */
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  /** More than a value, or an SQL request, may have. */
  body_too_large: { status: 413, title: 'Too large' },
  /** The body did not arrive in time. */
  body_too_slow: { status: 408, title: 'Too slow' },
  /** SQLite refuses the statement or its parameters. */
  sql_error: { status: 400, title: 'SQL error' },
  /** The authorizer refuses what the statement would do. */
  sql_refused: { status: 403, title: 'Not allowed in SQL' },
  /** The statement was ended at its deadline; nothing of it is kept. */
  sql_timeout: { status: 504, title: 'Query took too long' },
  /** The answer would be over 1 MiB; nothing of the statement is kept. */
  result_too_large: { status: 413, title: 'Result too large' },
  /** The app has as much data as `runtime.data_mb` says. */
  quota_exceeded: { status: 507, title: 'No room for more data' },
  /** The host's disk is full. */
  disk_full: { status: 507, title: 'Disk full' },
  /** The process that serves the data is starting again, or has too much to do: try again. */
  data_unavailable: { status: 503, title: 'Data not available' },
  /** The app API has nothing of this name. */
  app_api_missing: { status: 404, title: 'No such call in the app API' },
});

/** A statement that was ended at its deadline. */
export function timedOut(): TabbifyError {
  return dataError('sql_timeout', {
    what: `The statement was ended after ${QUERY_DEADLINE_MS / 1000} s`,
    why: 'a query may take no longer; nothing of it was kept',
    hint: 'See with EXPLAIN QUERY PLAN what it walks through: an index, LIMIT or smaller batches help',
  });
}

/** What became of a request cannot be said: the process that had it ended. */
export function unavailable(why: string): TabbifyError {
  return dataError('data_unavailable', {
    what: "The app's data is not available for a moment",
    why,
    hint: 'Try again after the seconds in the `retry-after` header; a write that got no answer may have happened',
  });
}
