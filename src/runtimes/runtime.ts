import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is run: an artifact that was fetched and verified, and its bounds. */
export interface StartSpec {
  /** Folder of the unpacked artifact (format: see `wasm-http/artifact.ts`). */
  readonly artifactDir: string;
  /** The app's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** MiB. For wasm: each instance's linear memory (already written into the artifact as its maximum). */
  readonly memoryMb: number;
  readonly fuelPerRequest: number;
  readonly isolation: 'pool' | 'request';
  /** Where the app's own output goes; one call per line, without the newline. */
  readonly log: (origin: 'stdout' | 'stderr' | 'platform', line: string) => void;
}

export interface RunningApp {
  /**
   * Answers one request; streams both ways. Never throws: what goes wrong inside the app becomes a 5xx
   * problem+json naming the bound that was hit, or a broken connection once the head has been sent.
   */
  serve(request: IncomingMessage, response: ServerResponse): void;
  /**
   * Figures for `health` replies: instances alive, requests served, requests that hit a bound. `requests` (counted as
   * they come) and `in_flight` (streams until their end) tell the supervisor whether the app rests.
   */
  stats(): Readonly<Record<string, number>>;
  /** Lets running requests finish for at most `graceMs`, then ends them. */
  stop(graceMs: number): Promise<void>;
}

/** One way of running an app inside its runner. */
export interface Runtime {
  readonly kind: 'wasm-http' | 'worker' | 'docker' | 'firecracker';
  /** @throws TabbifyError `artifact_invalid`, `start_failed` */
  start(spec: StartSpec): Promise<RunningApp>;
}
