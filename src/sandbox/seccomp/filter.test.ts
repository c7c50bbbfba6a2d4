import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { CALL_ARCHITECTURES } from './architecture.ts';
import { assemble } from './assemble.ts';
import { ANSWER } from './bpf.ts';
import { hasSeccompFilter, seccompFilter } from './index.ts';
import { CALL_PROFILES } from './profiles.ts';
import type { CallProfile } from './rule.ts';
import { numberOf, SYSCALL_NAMES } from './syscall-numbers.ts';
import { differences, expectedAnswer, seenCall, simulator } from './testing/index.ts';

const ARCHITECTURES = ['x64', 'arm64'] as const;
const PROFILES = ['app', 'tool'] as const;
const COMBINATIONS = PROFILES.flatMap((profile) => ARCHITECTURES.map((arch) => [profile, arch] as const));

/** Beyond the last call of any kernel there is. */
const MOST_CALLS = 1024;

test.each(COMBINATIONS)(
  'the filter %s for %s answers every call and condition as its lists say',
  (name, arch) => {
    expect(differences(CALL_PROFILES[name], arch, seccompFilter(name, arch))).toEqual([]);
  },
);

test.each(COMBINATIONS)(
  'a hole in the filter %s for %s is seen, in the calls as in the conditions',
  (name, arch) => {
    const profile = CALL_PROFILES[name];
    const architecture = CALL_ARCHITECTURES[arch]!;
    const onSocket = profile.allowed.find(({ calls }) => calls.includes('socket'));
    const withoutCondition = profile.allowed.flatMap((one) => {
      const { when, ...rest } = one;
      if (one === onSocket) return [rest];
      return rest.calls.includes('socket') ? [] : [{ ...rest, ...(when && { when }) }];
    });
    const holes: CallProfile[] = [
      { ...profile, allowed: profile.allowed.slice(0, -1) },
      { ...profile, allowed: withoutCondition },
      { ...profile, answered: [] },
    ];
    for (const hole of holes) {
      expect(differences(hole, arch, seccompFilter(name, arch))).not.toEqual([]);
      expect(differences(profile, arch, assemble(hole, architecture))).not.toEqual([]);
    }
  },
);

test.each(COMBINATIONS)('the filter %s for %s and its lists agree on any call', (name, arch) => {
  const answerOf = simulator(seccompFilter(name, arch));
  const value = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 12n }));
  const call = fc.oneof(fc.integer({ min: 0, max: 470 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(call, fc.array(value, { maxLength: 6 }), (number, args) => {
      const one = seenCall(arch, number, args);
      expect(answerOf(one)).toBe(expectedAnswer(CALL_PROFILES[name], arch, one));
    }),
    { numRuns: 500 },
  );
});

test.each(COMBINATIONS)(
  'the filter %s for %s ends a process that calls as another architecture',
  (name, arch) => {
    const answerOf = simulator(seccompFilter(name, arch));
    const I386 = 0x40000003;
    const ARM = 0x40000028;
    const others = ARCHITECTURES.filter((other) => other !== arch).map(
      (other) => CALL_ARCHITECTURES[other]!.audit,
    );
    for (const architecture of [...others, I386, ARM, 0]) {
      for (let call = 0; call < MOST_CALLS; call++) {
        expect(answerOf({ architecture, call, args: [] })).toBe(ANSWER.kill);
      }
    }
    const x32 = 0x4000_0000;
    for (const call of [x32, x32 + 1, x32 + 59, -1]) {
      const answer = answerOf(seenCall(arch, call));
      expect(answer).toBe(arch === 'x64' ? ANSWER.kill : ANSWER.errno(CALL_PROFILES[name].refusal));
    }
  },
);

test('a profile with a call that stands in it twice makes no filter', () => {
  const { allowed, ...rest } = CALL_PROFILES.app;
  const twice: CallProfile = { ...rest, allowed: [...allowed, { calls: ['read'], why: 'again' }] };
  expect(() => assemble(twice, CALL_ARCHITECTURES.x64!)).toThrow('read stands twice');
});

test('an architecture without a table has no filter', () => {
  expect(hasSeccompFilter('x64')).toBe(true);
  expect(hasSeccompFilter('arm64')).toBe(true);
  expect(hasSeccompFilter('riscv64')).toBe(false);
  expect(() => seccompFilter('app', 'riscv64')).toThrow('riscv64');
});

const HEADERS = {
  x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  arm64: '/usr/include/asm-generic/unistd.h',
} as const;

test.for(ARCHITECTURES)("the numbers for %s are those of the kernel's headers", (arch, context) => {
  const header = HEADERS[arch];
  context.skip(skipWithout('cCompiler', existsSync(header)));
  const defined = new Map<string, number>();
  for (const [, name, number] of readFileSync(header, 'utf8').matchAll(
    /#define __NR(?:3264)?_(\w+) (\d+)/g,
  )) {
    defined.set(name === 'fstatat' ? 'newfstatat' : name!, Number(number));
  }
  // Headers may be older than a call.
  const newest = Math.max(...defined.values());
  const known = SYSCALL_NAMES.filter((name) => (numberOf(name, arch) ?? 0) <= newest);
  expect(known.length).toBeGreaterThan(100);
  for (const name of known) expect([name, defined.get(name) ?? null]).toEqual([name, numberOf(name, arch)]);
});
