import { CALL_ARCHITECTURES } from '../architecture.ts';
import { ANSWER } from '../bpf.ts';
import type { ArgumentTest, CallProfile } from '../rule.ts';
import { numberOf } from '../syscall-numbers.ts';
import type { SeenCall } from './simulate.ts';

/** What a filter must answer to a call, read from the data of the profile; it shares nothing with the assembler. */
export function expectedAnswer(profile: CallProfile, arch: 'x64' | 'arm64', seen: SeenCall): number {
  const architecture = CALL_ARCHITECTURES[arch];
  if (seen.architecture !== architecture?.audit) return ANSWER.kill;
  const { otherKindFrom } = architecture;
  if (otherKindFrom !== null && seen.call >>> 0 >= otherKindFrom) return ANSWER.kill;
  const isIt = (name: Parameters<typeof numberOf>[0]): boolean => numberOf(name, arch) === seen.call;
  const answered = profile.answered.find(({ calls }) => calls.some(isIt));
  if (answered) return ANSWER.errno(answered.errno);
  const passes = profile.allowed
    .filter(({ calls }) => calls.some(isIt))
    .some(({ when = [] }) => when.every((test) => holds(test, seen.args)));
  return passes ? ANSWER.allow : ANSWER.errno(profile.refusal);
}

function holds(test: ArgumentTest, args: readonly bigint[]): boolean {
  const value = BigInt.asUintN(32, args[test.arg] ?? 0n);
  if ('isOneOf' in test) {
    const kept = value - (value & BigInt(test.ignoring ?? 0));
    return test.isOneOf.some((one) => BigInt(one) === kept);
  }
  const [all, none] = [BigInt(test.hasAll), BigInt(test.hasNone)];
  return (value & all) === all && (value & none) === 0n;
}
