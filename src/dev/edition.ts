import type { RunningApp } from '../runtimes/index.ts';

/** An app as it was at one moment: what was made of its source, and all that it runs with. */
export interface Edition {
  /** What has the same one runs alike. */
  readonly digest: string;
  /** Starts it; can be done again when it has ended. @throws TabbifyError `start_failed`, `artifact_invalid` */
  start(): Promise<RunningApp>;
  /** Removes what was made for it, when nothing of it runs any more. */
  remove(): Promise<void>;
}
