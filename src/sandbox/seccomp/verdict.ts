import type { CallArchitecture } from './architecture.ts';
import type { ArgumentTest, CallProfile } from './rule.ts';
import { numberOf, type SyscallName } from './syscall-numbers.ts';

/** What becomes of a call. */
export type Verdict =
  | { readonly kind: 'allow' }
  | { readonly kind: 'errno'; readonly errno: number }
  /** Allowed when all tests of one alternative hold, else refused. */
  | {
      readonly kind: 'test';
      readonly alternatives: readonly (readonly ArgumentTest[])[];
      readonly errno: number;
    };

/**
 * The verdicts of a profile by the numbers of an architecture. A call that the architecture does not have is left out.
 *
 * @throws Error when a call stands in the profile twice without conditions: which of both holds would not be seen
 */
export function verdictsByNumber(
  profile: CallProfile,
  { column }: CallArchitecture,
): ReadonlyMap<number, Verdict> {
  const verdicts = new Map<number, Verdict>();
  const add = (calls: readonly SyscallName[], verdict: Verdict): void => {
    for (const name of calls) {
      const number = numberOf(name, column);
      if (number !== null) verdicts.set(number, both(name, verdicts.get(number), verdict));
    }
  };
  const errno = profile.refusal;
  for (const { calls, when } of profile.allowed) {
    add(calls, when ? { kind: 'test', alternatives: [when], errno } : { kind: 'allow' });
  }
  for (const answer of profile.answered) add(answer.calls, { kind: 'errno', errno: answer.errno });
  return verdicts;
}

function both(name: SyscallName, first: Verdict | undefined, second: Verdict): Verdict {
  if (first === undefined) return second;
  if (first.kind !== 'test' || second.kind !== 'test') {
    throw new Error(`${name} stands twice in a profile of system calls, once without conditions`);
  }
  return { ...first, alternatives: [...first.alternatives, ...second.alternatives] };
}
