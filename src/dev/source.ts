import type { Diagnostic, Manifest } from '../app/index.ts';

/** An app's folder as whoever starts the server reads it: as a push does. */
export interface DevSource {
  /** Absolute path of the folder. */
  readonly root: string;
  readonly manifestText: string;
  /** Null when a diagnostic is an error. */
  readonly manifest: Manifest | null;
  readonly diagnostics: readonly Diagnostic[];
  /** What an office will say about the manifest besides. */
  readonly warnings: readonly string[];
}

/** What the server asks of whoever knows how a push reads a folder. */
export interface SourceReader {
  /** @throws TabbifyError when there is no folder or no manifest */
  read(): Promise<DevSource>;
  /** Paths inside the folder of all files that a push sends. @throws TabbifyError when it would refuse */
  pushedFiles(): Promise<ReadonlySet<string>>;
}
