import type { TabbifyError } from '../../kit/index.ts';

/** What an app's source was made into, in memory. */
export interface Rebuilt {
  readonly kind: 'built';
  /** Of all that was made: what has the same one runs alike. */
  readonly digest: string;
  /** Bytes of code, and modules that it was made of. */
  readonly bytes: number;
  readonly modules: number;
  readonly warnings: readonly string[];
  /** Absolute paths of the app's own files in it. */
  readonly files: ReadonlySet<string>;
  /** Folders of the packages in it, from `node_modules` on: `node_modules/hono`. */
  readonly packages: readonly string[];
  /** Writes the artifact into a folder that is made for it. */
  write(folder: string): Promise<void>;
  /** What became of a start of the artifact, in better words where it has some. Missing: it has none. */
  explain?(error: unknown): unknown;
}

/** Why nothing could be made; the app's author can mend it. */
export interface NotRebuilt {
  readonly kind: 'failed';
  /** `build_failed`, with file, line and column. */
  readonly error: TabbifyError;
}

/** Makes the artifact of one app again and again, keeping what has not changed in between. One call at a time. */
export interface Rebuilder {
  rebuild(): Promise<Rebuilt | NotRebuilt>;
  close(): Promise<void>;
}
