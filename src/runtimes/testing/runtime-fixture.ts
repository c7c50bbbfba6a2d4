import type { Limit, Runtime } from '../runtime.ts';
import type { ServedApp } from './served-app.ts';

/**
 * An app made for one runtime, with these routes: `/` any text with 200 · `/echo` the body, as it arrives · `/bytes/N` N bytes ·
 * `/env` the environment as `NAME=value` lines · `/log` the lines `one`, `two`, `three` to stdout and `oops` to stderr ·
 * `/sleep/MS` answers after that time · `/events` text every 50 ms for as long as somebody listens · `/out?to=URL` asks that URL
 * (everything behind `to=`, as it stands) with GET and gives back status and body of what it was answered; without an answer 502
 * and any text.
 */
export interface RuntimeFixture extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly artifactDir: string;
  /** Requests that hit a bound, and what their answer has to name: at least one for each limit that is `enforced`. */
  readonly bounds: readonly {
    readonly limit: Limit;
    readonly path: string;
    readonly names: readonly string[];
  }[];
  /** The request that has the app end with code 3; null where an app cannot end before the process that runs it. */
  readonly exitPath: string | null;
  /** An app that looks for files in `SECRET_FILES`. */
  readonly fileApp: {
    readonly artifactDir: string;
    /** What is in the file; null: the app could not read it. */
    readonly read: (served: ServedApp, name: string) => Promise<string | null>;
    /** Could the app change, remove or make it, by any of the ways there are? */
    readonly write: (served: ServedApp, name: string) => Promise<boolean>;
  };
  /** Names of what lies on this machine because of apps of this runtime: files, containers, interfaces. */
  readonly traces: () => Promise<readonly string[]>;
}
