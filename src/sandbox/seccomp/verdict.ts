import type { CallArchitecture } from './architecture.ts';
import type { ArgumentTest, CallProfile } from './rule.ts';
import { numberOf, type SyscallName } from './syscall-numbers.ts';

/** What becomes of a call. */
export type Verdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'errno'; readonly errno: number }
  /** Allowed when all tests hold, else refused. */
  | { readonly kind: 'test'; readonly tests: readonly ArgumentTest[]; readonly errno: number };

/**
 * The verdicts of a profile by the numbers of an architecture. A call that the architecture does not have is left out.
 *
 * @throws Error when a call stands in the profile twice: which of both holds would not be seen
 */
export function verdictsByNumber(
  profile: CallProfile,
  { column }: CallArchitecture,
): ReadonlyMap<number, Verdict> {
  const verdicts = new Map<number, Verdict>();
  const add = (calls: readonly SyscallName[], verdict: Verdict): void => {
    for (const name of calls) {
      const number = numberOf(name, column);
      if (number === null) continue;
      if (verdicts.has(number)) throw new Error(`${name} stands twice in a profile of system calls`);
      verdicts.set(number, verdict);
    }
  };
  for (const { calls, when } of profile.allowed) {
    add(calls, when ? { kind: 'test', tests: when, errno: profile.refusal } : { kind: 'allow' });
  }
  for (const { calls, errno } of profile.answered) add(calls, { kind: 'errno', errno });
  return verdicts;
}
