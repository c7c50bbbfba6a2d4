import type { EdgeApp } from './app-directory.ts';

/** An app of the office calls another one. */
export interface EdgeCall {
  /** Id of the app that calls. */
  readonly caller: string;
  /** The app that is called. */
  readonly app: EdgeApp;
  /** Aborts when it may do so no more. */
  readonly ended: AbortSignal;
}

/** What the edge has to know of apps that call each other. Asked on each of their requests, so it answers from memory. */
export interface EdgeCalls {
  /**
   * Who calls whom, and may at this moment.
   *
   * @param shown all values of `CALL_HEADER`
   * @throws TabbifyError `call_unknown`, `call_denied`, `app_unknown`
   */
  admit(shown: readonly string[]): EdgeCall;
}
