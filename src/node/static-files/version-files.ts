import type { TreeFiles } from '../../artifacts/index.ts';

/** A form in which a file is sent. */
export interface Form {
  /** Null: as it is. */
  readonly coding: 'br' | 'gzip' | null;
  readonly etag: string;
  /** Bytes in memory go by this name. */
  readonly key: string;
  /** It is made here, of the file as it was published. */
  readonly isMade: boolean;
  /** Path in the version of what was published: in this form, or what it is made of. */
  readonly from: string;
  /** SHA-256 of that, lower-case hex. */
  readonly sha256: string;
  /** … and its bytes. */
  readonly size: number;
}

/** A file that can be asked for. */
export interface StaticFile {
  readonly path: string;
  readonly contentType: string;
  readonly asItIs: Form;
  readonly br: Form | null;
  readonly gzip: Form | null;
  /** Heads of whole answers that were made already, by form and place: they are the same each time. */
  readonly heads: Map<string, readonly string[]>;
}

/** A version's files, checked against the log. */
export interface VersionFiles {
  readonly files: TreeFiles;
  /** HTTP date of the version. */
  readonly lastModified: string;
  /** What was found under a path of a URL before, as it was written there. */
  readonly found: Map<string, StaticFile>;
}
