import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capabilityDifference } from '../capability-difference.ts';
import { allowedBy, WORLD } from '../capability-world.fixture.ts';
import { decide, type PolicyQuestion } from './decide.ts';
import { DEFAULT_POLICY, type Policy, type PolicyRule } from './policy.ts';

function rule(
  number: number,
  match: string,
  persons: number | null,
  apps: readonly string[] | null = null,
): PolicyRule {
  return { number, match, persons, apps };
}

function policy(...rules: readonly PolicyRule[]): Policy {
  return { ...DEFAULT_POLICY, rules };
}

/** What a person of the office asks for, without saying yes. */
function adding(added: readonly string[], more: Partial<PolicyQuestion> = {}): PolicyQuestion {
  const difference = capabilityDifference(['http:old.x.com'], ['http:old.x.com', ...added]);
  return { app: 'bookings', actorKind: 'person', difference, canApprove: false, ...more };
}

const agent = { actorKind: 'agent' } as const;
const yes = { canApprove: true };

describe('an office without rules', () => {
  test.each([
    ['a person who asks for nothing new', adding([]), 'granted', 0],
    [
      'a person who asks for less',
      adding([], { difference: capabilityDifference(['secret:k'], []) }),
      'granted',
      0,
    ],
    ['an agent that asks for nothing new', adding([], agent), 'ask', 1],
    ['a person who asks for more', adding(['secret:k']), 'ask', 1],
    ['a person who asks for more and says yes', adding(['secret:k'], yes), 'granted', 1],
    ['an agent that asks for more', adding(['secret:k'], agent), 'ask', 1],
    ['an agent that says yes to itself', adding(['secret:k'], { ...agent, ...yes }), 'ask', 1],
    ['an agent that says yes to itself for nothing new', adding([], { ...agent, ...yes }), 'ask', 1],
  ] as const)('%s', (_, question, verdict, persons) => {
    expect(decide(DEFAULT_POLICY, question)).toEqual({
      verdict,
      persons,
      expiresMs: 86_400_000,
      rule: null,
      capability: null,
    });
  });
});

test('with same-bundle, what an agent publishes needs no person as long as nothing is new', () => {
  const lenient = { ...DEFAULT_POLICY, autoApproveSameBundle: true };
  expect(decide(lenient, adding([], agent)).verdict).toBe('granted');
  expect(decide(lenient, adding(['secret:k'], agent))).toMatchObject({ verdict: 'ask', persons: 1 });
  const widened = capabilityDifference(['http:a.x.com'], ['http:*.x.com']);
  expect(decide(lenient, adding([], { ...agent, difference: widened })).verdict).toBe('ask');
});

describe('rules', () => {
  const two = rule(1, 'visibility:public', 2);

  test('two persons are asked, and the yes of the one who asks is not enough', () => {
    for (const more of [{}, yes, agent]) {
      expect(decide(policy(two), adding(['visibility:public'], more))).toMatchObject({
        verdict: 'ask',
        persons: 2,
        rule: two,
        capability: 'visibility:public',
      });
    }
    expect(decide(policy(two), adding(['secret:k'], yes)).verdict).toBe('granted');
  });

  test('the first that is about a capability counts, and the strictest of all capabilities', () => {
    const rules = policy(
      rule(1, 'secret:public_*', 1),
      rule(2, 'secret:*', 3),
      rule(3, 'secret:never', null),
    );
    expect(decide(rules, adding(['secret:public_key'])).persons).toBe(1);
    expect(decide(rules, adding(['secret:never'])).persons).toBe(3);
    expect(decide(rules, adding(['secret:public_key', 'secret:k']))).toMatchObject({
      persons: 3,
      capability: 'secret:k',
    });
  });

  test('a rule may ask fewer than the office does', () => {
    const strict = { ...policy(rule(1, 'http:api.x.com', 1)), persons: 2 };
    expect(decide(strict, adding(['http:api.x.com'])).persons).toBe(1);
    expect(decide(strict, adding(['http:*.y.com'])).persons).toBe(2);
    // only a part of it is what the rule is about
    expect(decide(strict, adding(['http:*.x.com'])).persons).toBe(2);
    expect(decide(strict, adding([], agent)).persons).toBe(2);
  });

  test('nobody can say yes to what is denied, and asking for more than the rule names is no way round it', () => {
    const never = rule(1, 'http:db.x.com', null);
    for (const line of [
      'http:db.x.com',
      'http:https://db.x.com',
      'http:*.x.com',
      'http:https://*.x.com:8443',
    ]) {
      expect(decide(policy(never), adding([line, 'secret:k'], yes))).toEqual({
        verdict: 'refused',
        persons: 0,
        expiresMs: 86_400_000,
        rule: never,
        capability: line,
      });
    }
    expect(decide(policy(never), adding(['http:*.y.com'], yes)).verdict).toBe('granted');
  });

  test('a rule is about the apps that it names', () => {
    const some = policy(rule(1, 'secret:*', null, ['shop']));
    expect(decide(some, adding(['secret:k'])).verdict).toBe('ask');
    expect(decide(some, adding(['secret:k'], { app: 'shop' })).verdict).toBe('refused');
  });

  test('what was granted before a rule stays granted', () => {
    const difference = capabilityDifference(['secret:k'], ['secret:k']);
    const never = policy(rule(1, 'secret:*', null));
    expect(decide(never, adding([], { difference })).verdict).toBe('granted');
  });

  test('a capability that was widened is asked like a new one', () => {
    const difference = capabilityDifference(['http:a.x.com'], ['http:*.x.com']);
    expect(decide(policy(rule(1, 'http:*', 2)), adding([], { difference })).persons).toBe(2);
  });
});

test('whatever the rules are, each thing that a capability allows is decided as strictly as the first rule about it', () => {
  const sets = WORLD.filter(({ text }) => /^(http|secret-for|subscribe|action):/.test(text));
  const rules = fc.array(
    fc
      .tuple(fc.constantFrom(...sets), fc.constantFrom(null, 1, 2, 3))
      .map(([{ text }, persons]) => ({ text, persons })),
    { minLength: 1, maxLength: 4 },
  );
  const weight = (persons: number | null) => persons ?? 99;
  fc.assert(
    fc.property(rules, fc.constantFrom(...sets), (chosen, line) => {
      const rulesOfOffice = chosen.map(({ text, persons }, index) => rule(index + 1, text, persons));
      const office = { ...policy(...rulesOfOffice), persons: 2 };
      const difference = capabilityDifference([], [line.text]);
      const decision = decide(office, adding([], { difference }));
      const strictest = [...line.allows].map((thing) => {
        const first = chosen.find(
          ({ text }) => text.split(':')[0] === line.text.split(':')[0] && allowedBy([text]).has(thing),
        );
        return weight(first === undefined ? 2 : first.persons);
      });
      const said = decision.verdict === 'refused' ? 99 : decision.persons;
      expect(said).toBeGreaterThanOrEqual(Math.max(...strictest));
    }),
    { numRuns: 10_000 },
  );
});
