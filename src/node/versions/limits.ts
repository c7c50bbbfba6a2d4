/** How much of what is pushed the office keeps. */
export interface VersionLimits {
  /** Bytes that the files of all versions of one app may take. */
  readonly appBytes: number;
  /** … and those of all apps of one office. */
  readonly officeBytes: number;
  /** Versions of an app that are kept; older ones go when nothing needs them. 0: all. */
  readonly keep: number;
}

const GB = 1024 ** 3;

/** What holds where nothing else is set. */
export const VERSION_LIMITS: VersionLimits = { appBytes: 5 * GB, officeBytes: 50 * GB, keep: 50 };
