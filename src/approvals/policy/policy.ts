import { type CapabilityLimits, DEFAULT_LIMITS } from '../../app/index.ts';

/** What an office lets happen without a person, and how many it asks for the rest: its `office.toml` (CONTRACTS §4a). */
export interface Policy {
  /** What an agent publishes and asks for nothing new is granted without a person. */
  readonly autoApproveSameBundle: boolean;
  /** How many must say yes where no rule says otherwise. */
  readonly persons: number;
  /** Milliseconds after which what nobody has decided is denied. */
  readonly expiresMs: number;
  /** In their order. */
  readonly rules: readonly PolicyRule[];
  /** What an app may use without asking. */
  readonly limits: CapabilityLimits;
}

export interface PolicyRule {
  /** 1 is the first `[[rule]]` of the file. */
  readonly number: number;
  /** A capability; `*` in it stands for any characters. */
  readonly match: string;
  /** How many must say yes; null: nobody can. */
  readonly persons: number | null;
  /** Names of the only apps that it is about; null: every app. */
  readonly apps: readonly string[] | null;
}

const HOUR_MS = 3_600_000;

/** Of an office without an `office.toml`: one person says yes to everything, within a day. */
export const DEFAULT_POLICY: Policy = {
  autoApproveSameBundle: false,
  persons: 1,
  expiresMs: 24 * HOUR_MS,
  rules: [],
  limits: DEFAULT_LIMITS,
};

export function hoursInMs(hours: number): number {
  return hours * HOUR_MS;
}
