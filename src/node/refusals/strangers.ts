import type { Clock, Logger } from '../../kit/index.ts';

/** Why somebody was refused of whom nothing is known. */
const STRANGER_REASONS = [
  /** No credential was shown. */
  'credential_absent',
  /** What was shown is no credential in force. */
  'credential_unknown',
  /** A private app was asked for. */
  'app_private',
  /** The `Host` names no address of this office. */
  'host_foreign',
  /** A page of another origin asked to change something. */
  'origin_foreign',
] as const;

export type StrangerReason = (typeof STRANGER_REASONS)[number];

/** Counts what strangers are refused; of what they sent nothing is kept. */
export interface Strangers {
  note(reason: StrangerReason, remote: string): void;
  /** Writes the line about those that no line has told of yet. */
  tell(): void;
  counts(): Readonly<Record<StrangerReason, number>>;
}

/** Time between two lines (milliseconds). */
const LINE_EVERY_MS = 10_000;

/** The first is told of at once, those that follow together after a while: whoever knocks fills no disk. */
export function strangers(clock: Clock, logger: Logger): Strangers {
  const total = zeros();
  let sinceLine = zeros();
  let lineAt = Number.NEGATIVE_INFINITY;
  let lastRemote: string | null = null;

  function tell(): void {
    if (lastRemote === null) return;
    logger.warn({ remote: lastRemote, refused: nonZero(sinceLine) }, 'refused strangers');
    lineAt = clock.now();
    lastRemote = null;
    sinceLine = zeros();
  }

  return {
    note(reason, remote) {
      total[reason] += 1;
      sinceLine[reason] += 1;
      lastRemote = remote;
      if (Math.abs(clock.now() - lineAt) >= LINE_EVERY_MS) tell();
    },
    tell,
    counts: () => ({ ...total }),
  };
}

function zeros(): Record<StrangerReason, number> {
  return Object.fromEntries(STRANGER_REASONS.map((reason) => [reason, 0])) as Record<StrangerReason, number>;
}

function nonZero(counts: Record<StrangerReason, number>): Partial<Record<StrangerReason, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
