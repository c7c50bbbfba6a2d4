/** How much of an archive the office takes in. */
export interface UnpackLimits {
  /** Files and folders. */
  readonly maxEntries: number;
  /** Bytes of the unpacked tar: contents and headers. It is what stops a small archive that grows without end. */
  readonly maxBytes: number;
}

/** Room for the source of any app this version can run, and little enough to hold in a temporary folder. */
export const DEFAULT_UNPACK_LIMITS: UnpackLimits = { maxEntries: 10_000, maxBytes: 256 * 1024 * 1024 };

/** What an archive held. */
export interface Unpacked {
  readonly files: number;
  /** Bytes of the files' contents. */
  readonly bytes: number;
}
