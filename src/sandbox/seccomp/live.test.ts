import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { CALL_ARCHITECTURES } from './architecture.ts';
import { ANSWER } from './bpf.ts';
import { seccompFilter } from './index.ts';
import { CALL_PROFILES } from './profiles.ts';
import type { CallProfile } from './rule.ts';
import { numberOf } from './syscall-numbers.ts';
import { buildLiveCalls, callsAtTheEdges, expectedAnswer, type LiveCalls } from './testing/index.ts';
import { verdictsByNumber } from './verdict.ts';

const ARCH = process.arch === 'arm64' ? 'arm64' : 'x64';
const PROFILES = ['app', 'tool'] as const;
const LAST_CALL = 470;
const ENOSYS = 38;
const SIGSYS = 31;
const SIGCHLD = 17;
/** A call that a filter answers comes back at once; this is for a busy machine. */
const LONG_MS = 20_000;

let live: LiveCalls | undefined;
beforeAll(async () => {
  live = await buildLiveCalls();
});
afterAll(() => live?.[Symbol.asyncDispose]());

function tried(context: { skip(condition: boolean): void }): LiveCalls {
  context.skip(skipWithout('bubblewrap', existsSync('/usr/bin/bwrap')));
  context.skip(skipWithout('cCompiler', live !== undefined));
  return live!;
}

/**
 * `uretprobe` and `uprobe` of x86_64, and what they do outside the places where the kernel puts them into a traced program: newer
 * kernels answer them before any filter is asked (seen on Linux 6.18).
 */
const NOT_ASKED_ABOUT = new Map(
  ARCH === 'x64'
    ? [
        [335, 'signal 4'],
        [336, 'errno 6'],
      ]
    : [],
);

function refusedCalls(profile: CallProfile): string[] {
  const verdicts = verdictsByNumber(profile, CALL_ARCHITECTURES[ARCH]!);
  return Array.from({ length: LAST_CALL + 1 }, (_, number) => number)
    .filter((number) => !verdicts.has(number) && !NOT_ASKED_ABOUT.has(number))
    .map(String);
}

/** Pairs of a call and what became of it, without those that became what they should. */
function otherThan(wanted: string, calls: readonly string[], became: readonly string[]): string[] {
  return calls
    .map((call, index) => `${call}: ${became[index]}`)
    .filter((line) => !line.endsWith(`: ${wanted}`));
}

test.for(PROFILES)(
  'profile %s: each call that is not on the list is answered by the filter',
  async (name, context) => {
    const { boxed, apart } = tried(context);
    const profile = CALL_PROFILES[name];
    const refused = refusedCalls(profile);
    expect(refused.length).toBeGreaterThan(250);
    const filter = seccompFilter(name, ARCH);
    const wanted = `errno ${profile.refusal}`;
    expect(otherThan(wanted, refused, await boxed(filter, refused))).toEqual([]);
    expect(otherThan(wanted, refused, await apart(filter, refused, LONG_MS))).toEqual([]);
    for (const [call, unasked] of NOT_ASKED_ABOUT) {
      const [became] = await apart(filter, [String(call)], LONG_MS);
      expect([wanted, unasked]).toContain(became);
    }
  },
);

test.for(PROFILES)(
  'profile %s: without the filter the kernel answers none of these calls so',
  async (name, context) => {
    const { apart } = tried(context);
    const profile = CALL_PROFILES[name];
    // Writes out every disk of the machine: other tests measure meanwhile.
    const SYNC = ARCH === 'x64' ? '162' : '81';
    const calls = refusedCalls(profile).filter((call) => call !== SYNC);
    const became = await apart(null, calls, 300);
    expect(became).not.toContain(`errno ${profile.refusal}`);
    // Most of them are there, and would do something with other arguments.
    expect(became.filter((one) => one !== `errno ${ENOSYS}`).length).toBeGreaterThan(150);
  },
);

test.for(PROFILES)('profile %s: a list with one call too many is seen', async (name, context) => {
  const { boxed } = tried(context);
  const profile = CALL_PROFILES[name];
  const shorter: CallProfile = {
    ...profile,
    allowed: profile.allowed.map((one) => ({ ...one, calls: one.calls.filter((call) => call !== 'getcpu') })),
  };
  const refused = refusedCalls(shorter);
  const became = await boxed(seccompFilter(name, ARCH), refused);
  expect(otherThan(`errno ${profile.refusal}`, refused, became)).toEqual([
    `${numberOf('getcpu', ARCH)}: value 0`,
  ]);
});

test.for(PROFILES)('profile %s: conditions on arguments hold, bit by bit', async (name, context) => {
  const { apart } = tried(context);
  const profile = CALL_PROFILES[name];
  const clone = numberOf('clone', ARCH);
  const cases = callsAtTheEdges(profile, ARCH)
    .map((seen) => ({ seen, answer: expectedAnswer(profile, ARCH, seen) }))
    // What passes as clone makes threads without a stack: threads and processes have tests of their own.
    .filter(({ seen, answer }) => seen.call !== clone || answer !== ANSWER.allow)
    // What has no condition is not asked about, and does things.
    .filter(({ seen }) =>
      profile.allowed.some(
        ({ calls, when }) => when && calls.some((one) => numberOf(one, ARCH) === seen.call),
      ),
    );
  const calls = cases.map(({ seen }) => [seen.call, ...seen.args].join(' '));
  const became = await apart(seccompFilter(name, ARCH), calls, LONG_MS);
  const wrong = cases
    .map(({ answer }, index) => ({ call: calls[index], answer, became: became[index] }))
    .filter(({ answer, became: one }) => (answer === ANSWER.allow) === (one === `errno ${profile.refusal}`));
  expect(wrong).toEqual([]);
  expect(cases.filter(({ answer }) => answer === ANSWER.allow).length).toBeGreaterThan(30);
  expect(cases.filter(({ answer }) => answer !== ANSWER.allow).length).toBeGreaterThan(300);
});

test.for(PROFILES)(
  'profile %s: threads start; a child process only in tools; a namespace nowhere',
  async (name, context) => {
    const { boxed, apart } = tried(context);
    const filter = seccompFilter(name, ARCH);
    const refused = `errno ${CALL_PROFILES[name].refusal}`;
    const clone = numberOf('clone', ARCH);
    const [thread, newer] = await boxed(filter, ['thread', String(numberOf('clone3', ARCH))]);
    expect(thread).toBe('value 0');
    expect(newer).toBe(`errno ${ENOSYS}`);
    const NAMESPACES = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000];
    const child = String(SIGCHLD);
    const namespaced = NAMESPACES.map((flag) => `${clone} ${flag + SIGCHLD}`);
    const [started, ...others] = await apart(filter, [`${clone} ${child}`, ...namespaced], LONG_MS);
    if (name === 'app') expect(started).toBe(refused);
    else expect(started).toMatch(/^value \d+$/);
    expect(others).toEqual(NAMESPACES.map(() => refused));
    // The control: without the filter the kernel knows clone3, and would make a user namespace.
    const [unfiltered, namespace] = await apart(
      null,
      [String(numberOf('clone3', ARCH)), `${clone} ${0x10000000 + SIGCHLD}`],
      LONG_MS,
    );
    expect(unfiltered).not.toBe(`errno ${ENOSYS}`);
    expect(namespace).not.toBe(refused);
  },
);

test.for(PROFILES)('profile %s: a call as another architecture ends the process', async (name, context) => {
  const { apart } = tried(context);
  context.skip(ARCH !== 'x64'); // the other architecture of arm64 needs a processor that has it
  const filter = seccompFilter(name, ARCH);
  const X32 = 0x4000_0000;
  const getpid = numberOf('getpid', ARCH)!;
  const became = await apart(filter, ['i386', String(X32 + getpid), String(2 ** 32 - 1)], LONG_MS);
  expect(became).toEqual([`signal ${SIGSYS}`, `signal ${SIGSYS}`, `signal ${SIGSYS}`]);
  const [i386] = await apart(null, ['i386'], LONG_MS);
  expect(i386).not.toBe(`signal ${SIGSYS}`);
});
