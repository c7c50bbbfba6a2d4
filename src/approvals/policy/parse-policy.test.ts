import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from './parse-policy.ts';
import { DEFAULT_POLICY } from './policy.ts';

const EXAMPLE = `[approvals]
auto_approve = ["same-bundle"]
persons = 1
expires_hours = 48

[[rule]]
match = "visibility:public"
persons = 2
apps = ["bookings"]

[[rule]]
match = "http:*.corp.example"
decision = "deny"

[limits]
memory_mb = 1024

[[test]]
name = "publishing to everybody needs two"
actor = "person"
approves = true
app = "bookings"
adds = ["visibility:public"]
expect = "2 persons"

[[test]]
name = "an agent may publish what it published before"
actor = "agent"
app = "bookings"
expect = "granted"

[[test]]
name = "nobody reaches into the company"
actor = "person"
approves = true
app = "shop"
adds = ["http:db.corp.example", "secret:k"]
expect = "denied"
`;

/** The one finding. */
function finding(text: string) {
  const { policy, diagnostics } = parsePolicy(text);
  expect(policy).toBeNull();
  expect(diagnostics).toHaveLength(1);
  return diagnostics[0];
}

test('an office.toml is read', () => {
  expect(parsePolicy(EXAMPLE)).toEqual({
    policy: {
      autoApproveSameBundle: true,
      persons: 1,
      expiresMs: 48 * 3_600_000,
      rules: [
        { number: 1, match: 'visibility:public', persons: 2, apps: ['bookings'] },
        { number: 2, match: 'http:*.corp.example', persons: null, apps: null },
      ],
      limits: { ...DEFAULT_POLICY.limits, memory_mb: 1024 },
    },
    diagnostics: [],
  });
});

test('an empty one is what an office has without', () => {
  expect(parsePolicy('')).toEqual({ policy: DEFAULT_POLICY, diagnostics: [] });
});

test('a test that fails refuses the whole of it, and says what was expected, what came and by which rule', () => {
  expect(finding(EXAMPLE.replace('persons = 2', 'persons = 3'))).toEqual({
    severity: 'error',
    file: 'office.toml',
    line: 24,
    column: 10,
    message:
      'the test "publishing to everybody needs two" expects "2 persons", and the policy says "3 persons"',
    hint: 'by rule 1, "visibility:public", for "visibility:public"; mend the policy or the test',
  });
  expect(finding(EXAMPLE.replace('["same-bundle"]', '[]'))).toMatchObject({
    line: 30,
    message:
      'the test "an agent may publish what it published before" expects "granted", and the policy says "1 person"',
    hint: 'no rule made it so, but [approvals]; mend the policy or the test',
  });
});

describe('what is wrong is said with its place', () => {
  const rule = '[[rule]]\nmatch = "secret:*"\n';
  test.each([
    [
      '[approvals]\npersons = 0',
      2,
      11,
      '`approvals.persons` must be a whole number from 1 to 10, not 0',
      'write the number alone',
    ],
    [
      '[approvals]\npersons = "2"',
      2,
      11,
      '`approvals.persons` must be a whole number',
      'write 2 without quotes',
    ],
    ['[approvals]\nperson = 2', 2, 1, 'unknown key `approvals.person`', 'did you mean `persons`?'],
    [
      '[approvals]\nauto_approve = ["same_bundle"]',
      2,
      17,
      '`approvals.auto_approve` cannot hold "same_bundle"',
      'allowed: "same-bundle"',
    ],
    ['[approvals]\nexpires_hours = 9000', 2, 17, '`approvals.expires_hours` must be', 'write the number'],
    ['approvals = 3', 1, 13, '`approvals` must be a table, not 3', 'write `[approvals]`'],
    ['[rules]', 1, 2, 'unknown key `rules`', 'did you mean `rule`?'],
    ['[rule]\nmatch = "secret:*"\npersons = 2', 1, 2, '`rule` must be a list of tables', 'write `[[rule]]`'],
    [`${rule}person = 2\npersons = 2`, 3, 1, 'unknown key `rule.person`', 'did you mean `persons`?'],
    [rule, 1, 3, 'the rule demands nothing', 'add persons = 2, or decision = "deny"'],
    [
      `${rule}persons = 2\ndecision = "deny"`,
      4,
      1,
      'what is denied is decided by nobody',
      'remove `persons`',
    ],
    [`${rule}decision = "allow"`, 3, 12, '`rule.decision` cannot be "allow"', 'allowed: `deny`'],
    [`${rule}persons = 2\napps = []`, 4, 8, 'the rule is about no app', 'name one'],
    [`${rule}persons = 2\napps = ["My Shop"]`, 4, 9, 'no app has the name "My Shop"', 'write "my-shop"'],
    ['[[rule]]\npersons = 2', 1, 3, '`rule.match` is missing', 'add match'],
    [
      '[[rule]]\nmatch = "visiblity:public"\npersons = 2',
      2,
      9,
      'nothing is what "visiblity:public" is about',
      'a capability begins with http:',
    ],
    [
      '[[rule]]\nmatch = "http:API.x.com"\npersons = 2',
      2,
      9,
      'nothing is what "http:API.x.com" is about',
      'as it stands in an approval',
    ],
    ['[limits]\nmemory_mb = "1 GB"', 2, 13, '`limits.memory_mb` must be', 'write the number'],
    [
      '[[test]]\nname = "t"\nactor = "robot"\napp = "a"\nexpect = "granted"',
      3,
      9,
      '`test.actor` cannot be "robot"',
      'allowed: `agent`, `person`',
    ],
    ['[[test]]\nname = "t"\napp = "a"\nexpect = "granted"', 1, 3, '`test.actor` is missing', 'add actor'],
    [
      '[[test]]\nname = "t"\nactor = "agent"\napp = "a"\nexpect = "two"',
      5,
      10,
      'a test cannot expect "two"',
      '"2 persons"',
    ],
    [
      '[[test]]\nname = "t"\nactor = "agent"\napp = "a"\nadds = ["public"]\nexpect = "granted"',
      5,
      9,
      '"public" is no capability',
      'as it stands in an approval',
    ],
    [
      '[[test]]\nname = "t"\nactor = "agent"\napp = "a"\nadds = "visibility:public"\nexpect = "1 person"',
      5,
      8,
      '`test.adds` must be',
      '',
    ],
    ['[approvals', 1, 2, 'not valid TOML', 'toml.io'],
  ])('%j', (text, line, column, message, hint) => {
    const found = finding(text);
    expect(found).toMatchObject({ severity: 'error', file: 'office.toml', line, column });
    expect(found?.message).toContain(message);
    expect(found?.hint).toContain(hint);
  });
});

test('a text that is too long is not read', () => {
  expect(finding('#'.repeat(65_537))).toMatchObject({
    message: 'the policy has 65537 characters',
    hint: 'at most 65536 are allowed',
  });
});

test('the examples of the page about it are policies, and their tests pass', async () => {
  const page = await readFile(new URL('../../../docs/policy.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/```toml\n(.*?)```/gs)].map(
    ([, text = '']) => parsePolicy(text).diagnostics,
  );
  expect(examples.length).toBeGreaterThan(2);
  expect(examples.flat()).toEqual([]);
});

test('whatever the text says under its keys, there is a policy or something to mend, never both', () => {
  const value = fc.oneof(
    fc.constantFrom(1, 2, 'deny', 'http:*', 'agent', 'shop', 'granted', 'visibility:public', true),
    fc.constantFrom(['same-bundle'], ['secret:k'], [], {}, new Date(0)),
    fc.string(),
  );
  const table = (...keys: readonly string[]) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
  const document = fc.record(
    {
      approvals: fc.oneof(table('auto_approve', 'persons', 'expires_hours', 'x'), value),
      rule: fc.oneof(fc.array(table('match', 'persons', 'decision', 'apps'), { maxLength: 3 }), value),
      limits: fc.oneof(table('memory_mb', 'vcpus'), value),
      test: fc.oneof(
        fc.array(table('name', 'actor', 'app', 'adds', 'expect', 'approves'), { maxLength: 2 }),
        value,
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(document, (root) => {
      const { policy, diagnostics } = parsePolicy(stringify(root));
      expect(policy === null).toBe(diagnostics.length > 0);
      for (const { severity, hint } of diagnostics) {
        expect(severity).toBe('error');
        expect(hint).toMatch(/\w/);
      }
    }),
    { numRuns: 500 },
  );
});

describe('a policy holds the office up for no longer than others can wait', () => {
  const many = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => text(index)).join('');
  const rules = (count: number, match = 'http:*a*b*') =>
    many(count, () => `[[rule]]\nmatch = "${match}"\npersons = 2\n`);
  const tests = (count: number, each: number) =>
    many(
      count,
      (index) =>
        `[[test]]\nname = "t${index}"\nactor = "agent"\napp = "a"\nadds = [${many(each, () => `"http:*.${'a'.repeat(60)}.com", `)}]\nexpect = "2 persons"\n`,
    );

  test.each([
    ['too many rules', rules(201), 'there are 201 rules of at most 200'],
    [
      'a rule that is too long',
      rules(1, `http:${'*a'.repeat(150)}`),
      '`rule.match` has 305 characters of at most 300',
    ],
    ['too much to test', rules(150) + tests(10, 14), 'the tests have 140 capabilities for 150 rules'],
  ])('%s', (_, text, message) => {
    expect(finding(text)).toMatchObject({ message, hint: expect.any(String) });
  });

  test('what is just allowed is read in no time', () => {
    const text = rules(200, `http:${'*a'.repeat(64)}*`) + tests(10, 10);
    const begin = performance.now();
    expect(parsePolicy(text).policy).not.toBeNull();
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
