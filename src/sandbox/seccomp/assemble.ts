import type { CallArchitecture } from './architecture.ts';
import {
  ANSWER,
  and,
  answer,
  encode,
  type Instruction,
  ifAnyBit,
  ifAtLeast,
  ifEqual,
  jump,
  load,
  OFFSET,
} from './bpf.ts';
import type { ArgumentTest, CallProfile } from './rule.ts';
import { type Verdict, verdictsByNumber } from './verdict.ts';

/** The furthest that a condition of BPF jumps. */
const FURTHEST = 255;

/** Numbers from `from` up to the next range. */
interface Range {
  readonly from: number;
  readonly verdict: Verdict;
}

/**
 * A filter that lets through what the profile allows, and nothing else. Calls of another architecture, or of another kind of the
 * same, end the process: their numbers mean other calls.
 *
 * @returns a classic BPF program
 */
export function assemble(profile: CallProfile, architecture: CallArchitecture): Uint8Array {
  const { audit, otherKindFrom } = architecture;
  return encode([
    load(OFFSET.architecture),
    ifEqual(audit, 1, 0),
    answer(ANSWER.kill),
    load(OFFSET.call),
    ...(otherKindFrom === null ? [] : [ifAtLeast(otherKindFrom, 0, 1), answer(ANSWER.kill)]),
    ...search(ranges(profile, architecture)),
  ]);
}

/** Every number from 0 on, neighbours with the same verdict together. */
function ranges(profile: CallProfile, architecture: CallArchitecture): Range[] {
  const refused: Verdict = { kind: 'errno', errno: profile.refusal };
  const verdicts = verdictsByNumber(profile, architecture);
  const found: Range[] = [{ from: 0, verdict: verdicts.get(0) ?? refused }];
  const last = Math.max(...verdicts.keys());
  for (let number = 1; number <= last + 1; number++) {
    const verdict = verdicts.get(number) ?? refused;
    if (!sameAnswer(verdict, found.at(-1)?.verdict)) found.push({ from: number, verdict });
  }
  return found;
}

function sameAnswer(one: Verdict, other: Verdict | undefined): boolean {
  if (one.kind === 'errno') return other?.kind === 'errno' && one.errno === other.errno;
  return one.kind === 'allow' ? other?.kind === 'allow' : one === other;
}

/** Halves the ranges until one is left: eight comparisons, where a list would have two hundred. */
function search(sorted: readonly Range[]): readonly Instruction[] {
  const middle = sorted[Math.ceil(sorted.length / 2)];
  const [only] = sorted;
  if (middle === undefined || only === undefined || sorted.length === 1) return decide(only?.verdict);
  const below = search(sorted.slice(0, sorted.indexOf(middle)));
  const above = search(sorted.slice(sorted.indexOf(middle)));
  const skipBelow =
    below.length <= FURTHEST
      ? [ifAtLeast(middle.from, below.length, 0)]
      : [ifAtLeast(middle.from, 0, 1), jump(below.length)];
  return [...skipBelow, ...below, ...above];
}

function decide(verdict: Verdict | undefined): readonly Instruction[] {
  if (verdict === undefined) return [answer(ANSWER.kill)];
  if (verdict.kind === 'allow') return [answer(ANSWER.allow)];
  const refuse = answer(ANSWER.errno(verdict.errno));
  if (verdict.kind === 'errno') return [refuse];
  return [...verdict.alternatives.flatMap(alternative), refuse];
}

/** Where a test does not hold: the next alternative is tried. */
const OTHERWISE = 'otherwise' as const;

/** Allows when all tests hold, and goes on behind itself otherwise. */
function alternative(tests: readonly ArgumentTest[]): Instruction[] {
  const parts = [...tests.flatMap(instructionsOf), answer(ANSWER.allow)];
  return parts.map((part, index) => (part === OTHERWISE ? jump(parts.length - index - 1) : part));
}

/** Goes on behind itself when the test holds. */
function instructionsOf(test: ArgumentTest): readonly (Instruction | typeof OTHERWISE)[] {
  const argument = load(OFFSET.lowHalfOfArgument(test.arg));
  if ('isOneOf' in test) {
    const { isOneOf, ignoring = 0 } = test;
    return [
      argument,
      ...(ignoring === 0 ? [] : [and(~ignoring)]),
      ...isOneOf.map((value, index) => ifEqual(value, isOneOf.length - index, 0)),
      OTHERWISE,
    ];
  }
  return [
    argument,
    ifAnyBit(test.hasNone, 0, 1),
    OTHERWISE,
    ...(test.hasAll === 0 ? [] : [and(test.hasAll), ifEqual(test.hasAll, 1, 0), OTHERWISE]),
  ];
}
