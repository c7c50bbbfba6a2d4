import type { EdgeApp } from './app-directory.ts';
import type { EdgeCredential } from './edge-credential.ts';

/** What the edge has to know of people who are signed in. */
export interface EdgeSessions {
  /**
   * Who opened this app at this host with a browser.
   *
   * @param cookies pairs of ours that came with the request
   * @param host `Host` of the request
   * @returns null when no session in force was handed over to it
   */
  ofApp(cookies: readonly string[], app: EdgeApp, host: string): EdgeCredential | null;
  /** Who is signed in at the office itself. */
  ofOffice(cookies: readonly string[]): EdgeCredential | null;
  /**
   * Uses up the code with which the office sent a browser to the app.
   *
   * @returns null when it was used, is too old, or is for another app or host
   */
  redeem(code: string, app: EdgeApp, host: string): HandedOver | null;
}

/** A browser that the office sent to an app. */
export interface HandedOver {
  /** `Set-Cookie` value. */
  readonly setCookie: string;
  /** Path at the app where the browser wanted to go. */
  readonly target: string;
}
