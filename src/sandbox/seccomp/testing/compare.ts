import { CALL_ARCHITECTURES } from '../architecture.ts';
import type { AllowedCalls, ArgumentTest, CallProfile } from '../rule.ts';
import { numberOf } from '../syscall-numbers.ts';
import { expectedAnswer } from './expected.ts';
import { type SeenCall, simulator } from './simulate.ts';

/** Beyond the last call of any kernel there is. */
const MOST_CALLS = 1024;

/** A call of an architecture, as its filter sees it. */
export function seenCall(arch: 'x64' | 'arm64', call: number, args: readonly bigint[] = []): SeenCall {
  return { architecture: CALL_ARCHITECTURES[arch]?.audit ?? 0, call, args };
}

/** Every call whose arguments a profile asks about: each argument at its edges, while the others are as they should be. */
export function callsAtTheEdges(profile: CallProfile, arch: 'x64' | 'arm64'): SeenCall[] {
  return profile.allowed.flatMap(({ calls, when = [] }) => {
    const good = goodArguments(when);
    return calls
      .map((name) => numberOf(name, arch))
      .filter((number) => number !== null)
      .flatMap((number) => [
        seenCall(arch, number, good),
        ...when.flatMap((test) =>
          edges(test).map((value) => seenCall(arch, number, good.with(test.arg, value))),
        ),
      ]);
  });
}

/** Calls that a filter answers otherwise than a profile says. */
export function differences(profile: CallProfile, arch: 'x64' | 'arm64', filter: Uint8Array): SeenCall[] {
  const answerOf = simulator(filter);
  const all = Array.from({ length: MOST_CALLS }, (_, call) => seenCall(arch, call));
  return [...all, ...callsAtTheEdges(profile, arch)].filter(
    (one) => answerOf(one) !== expectedAnswer(profile, arch, one),
  );
}

function goodArguments(when: NonNullable<AllowedCalls['when']>): bigint[] {
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  for (const test of when) {
    args[test.arg] = BigInt('isOneOf' in test ? (test.isOneOf[0] ?? 0) : test.hasAll);
  }
  return args;
}

/** Each value that a test asks for, each with one bit changed, none, and all bits. */
function edges(test: ArgumentTest): bigint[] {
  const bits = Array.from({ length: 40 }, (_, bit) => 1n << BigInt(bit));
  const good = ('isOneOf' in test ? test.isOneOf : [test.hasAll]).map((one) => BigInt(one >>> 0));
  const found = [0n, ...good, ...good.flatMap((one) => bits.map((bit) => one ^ bit)), 2n ** 64n - 1n];
  return [...new Set(found)];
}
