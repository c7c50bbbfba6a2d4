/** Bounds of one run of the agent. */
export interface Budget {
  /** Turns of the model. */
  readonly turns: number;
  /** Input and output tokens of all turns together, as the provider counts them. */
  readonly tokens: number;
  readonly outputTokensPerTurn: number;
  /** Wall-clock milliseconds. */
  readonly timeMs: number;
  /** Checks that may fail and be repaired. */
  readonly repairs: number;
}

/** A page or a small API takes 3 to 8 turns and some 30,000 tokens; this leaves room and bounds the bill. */
export const DEFAULT_BUDGET: Budget = {
  turns: 24,
  tokens: 400_000,
  outputTokensPerTurn: 16_000,
  timeMs: 10 * 60_000,
  repairs: 3,
};

export interface Spending {
  readonly turns: number;
  readonly tokens: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export function nothingSpent(now: number): Spending {
  return { turns: 0, tokens: 0, startedAt: now };
}

/** Which bound has been reached, in words; null while there is room. */
export function spentOn(budget: Budget, spending: Spending, now: number): string | null {
  if (spending.turns >= budget.turns) return `the model has had its ${budget.turns} turns`;
  if (spending.tokens >= budget.tokens)
    return `the model has used ${spending.tokens} of ${budget.tokens} tokens`;
  if (now - spending.startedAt >= budget.timeMs)
    return `the model has had its ${Math.round(budget.timeMs / 1000)} seconds`;
  return null;
}
