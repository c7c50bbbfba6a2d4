import type { SyscallName } from './syscall-numbers.ts';

/** A question about one argument of a call. It is put to the low 32 bits: the kernel takes no more of the arguments asked about. */
export type ArgumentTest =
  /** Without the bits of `ignoring`, the argument is one of these values. */
  | { readonly arg: number; readonly isOneOf: readonly number[]; readonly ignoring?: number }
  /** All bits of `hasAll` are set, and none of `hasNone`. */
  | { readonly arg: number; readonly hasAll: number; readonly hasNone: number };

/** Calls that a profile lets through. */
export interface AllowedCalls {
  readonly calls: readonly SyscallName[];
  /** What needs them, or what they cannot do in a box. */
  readonly why: string;
  /** All must hold; missing: whatever the arguments are. */
  readonly when?: readonly ArgumentTest[];
}

/** Calls that are refused with an errno that programs know: they do without the call then. */
export interface AnsweredCalls {
  readonly calls: readonly SyscallName[];
  readonly errno: number;
  readonly why: string;
}

/**
 * What a filter lets through; all else is refused. A call stands in it once, or several times with conditions: then the conditions of
 * one place must hold.
 */
export interface CallProfile {
  /** The errno of what is refused: one that the kernel does not give for such a call, so that a test knows who answered. */
  readonly refusal: number;
  readonly allowed: readonly AllowedCalls[];
  readonly answered: readonly AnsweredCalls[];
}
