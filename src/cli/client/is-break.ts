import { TabbifyError } from '../../kit/index.ts';

/** A connection that broke or an office that is starting or stopping, so that it may be tried again; everything else is an answer. */
export function isBreak(error: unknown): boolean {
  if (!(error instanceof TabbifyError)) return error instanceof TypeError; // fetch: the body broke off
  return error.code === 'office_not_running' || error.status === 502 || error.status === 503;
}
