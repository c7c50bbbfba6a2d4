/** How long and how much of what comes from outside is kept, and what is left of the disk for the office itself. */
export interface RetentionSettings {
  /** Bodies of class `traffic` are kept this many days. */
  readonly trafficDays: number;
  /** … or until they take this many bytes. */
  readonly trafficBytes: number;
  /** With less than this many bytes left on the disk of the home no more `traffic` is taken. */
  readonly reserveBytes: number;
}

const MB = 1024 * 1024;

/** What holds where nothing else is set (CONTRACTS §6). */
export const RETENTION_DEFAULTS: RetentionSettings = {
  trafficDays: 30,
  trafficBytes: 1024 * MB,
  reserveBytes: 256 * MB,
};
