/** Milliseconds for which a start that nobody waits for lets others go first: on a machine that is always busy it is to come up nevertheless. */
export const PATIENCE_MS = 2_000;
