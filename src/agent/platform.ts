/** What a check of an app's folder found. */
export interface CheckReport {
  readonly ok: boolean;
  /** Errors and warnings as text, with file, line and column where they are known. Empty when there is nothing to say. */
  readonly text: string;
}

/** An app that was published and deployed. */
export interface PushedApp {
  readonly uuid: string;
  readonly name: string;
  readonly version: number;
  /** The app at the root of its own host. */
  readonly url: string;
  /** The app below the node's own address, which resolves everywhere. */
  readonly pathUrl: string;
  readonly warnings: readonly string[];
}

/**
 * All that the agent can do to the office, given by whoever runs it. It has no other way in, so what is not here
 * cannot be done by a model.
 */
export interface Platform {
  /** Slugs that are taken: an app's name must be another one. */
  takenNames(): Promise<ReadonlySet<string>>;
  /** Reads the manifest and builds the app, without changing anything. */
  check(dir: string, signal: AbortSignal): Promise<CheckReport>;
  /** Publishes and deploys. Called only after a person has said yes. */
  push(dir: string, signal: AbortSignal): Promise<PushedApp>;
  /** Asks the deployed app's front door. */
  visit(app: PushedApp, signal: AbortSignal): Promise<{ readonly status: number }>;
}
