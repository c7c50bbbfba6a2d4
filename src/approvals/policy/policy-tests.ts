import {
  type Findings,
  type KeyPath,
  type ManifestReader,
  parseCapability,
  quoted,
  requiredText,
} from '../../app/index.ts';
import { decide, type PolicyDecision, type PolicyQuestion } from './decide.ts';
import type { Policy } from './policy.ts';
import { ACTORS, MAX_COMPARISONS, MAX_PERSONS } from './policy-format.ts';
import { checkApp } from './read-rules.ts';

/** One `[[test]]` of a policy. */
export interface PolicyTest {
  readonly name: string;
  readonly question: PolicyQuestion;
  /** In the words of `wordsOf`. */
  readonly expect: string;
  /** Where `expect` stands. */
  readonly path: KeyPath;
}

const EXPECTATIONS: readonly string[] = [
  'granted',
  'denied',
  ...Array.from({ length: MAX_PERSONS }, (_, index) => personsInWords(index + 1)),
];

/** `[[test]]`. */
export function readTests(reader: ManifestReader, findings: Findings): readonly PolicyTest[] {
  return reader.tables(['test']).map((path) => {
    const text = (key: string) => requiredText(reader, findings, [...path, key]);
    const actorKind = reader.oneOf([...path, 'actor'], ACTORS);
    if (!reader.has([...path, 'actor'])) text('actor');
    const app = text('app');
    if (app !== '') checkApp(findings, [...path, 'app'], app);
    const added = readAdds(reader, findings, [...path, 'adds']);
    return {
      name: text('name'),
      question: {
        app,
        actorKind: actorKind ?? 'agent',
        difference: { added, widened: [], removed: [], kept: [] },
        canApprove: reader.boolean([...path, 'approves']) ?? false,
      },
      expect: readExpectation(findings, [...path, 'expect'], text('expect')),
      path: [...path, 'expect'],
    };
  });
}

/** Runs the tests; each that fails is an error that says what came out and why. */
export function runTests(policy: Policy, tests: readonly PolicyTest[], findings: Findings): void {
  const added = tests.reduce((sum, { question }) => sum + question.difference.added.length, 0);
  if (added * policy.rules.length > MAX_COMPARISONS) {
    const message = `the tests have ${added} capabilities for ${policy.rules.length} rules`;
    findings.atKey(
      'error',
      ['test', 0],
      message,
      `both multiplied may be ${MAX_COMPARISONS}: test fewer in one policy`,
    );
    return;
  }
  for (const { name, question, expect, path } of tests) {
    const decision = decide(policy, question);
    const got = wordsOf(decision);
    if (got === expect) continue;
    const message = `the test ${quoted(name)} expects ${quoted(expect)}, and the policy says ${quoted(got)}`;
    findings.atValue(path, message, `${whyOf(decision)}; mend the policy or the test`);
  }
}

/** A decision as a `[[test]]` names it: `granted`, `denied`, `1 person`, `2 persons` … */
function wordsOf({ verdict, persons }: PolicyDecision): string {
  if (verdict === 'granted') return 'granted';
  return verdict === 'refused' ? 'denied' : personsInWords(persons);
}

function personsInWords(count: number): string {
  return count === 1 ? '1 person' : `${count} persons`;
}

function whyOf({ rule, capability }: PolicyDecision): string {
  return rule === null
    ? 'no rule made it so, but [approvals]'
    : `by rule ${rule.number}, ${quoted(rule.match)}, for ${quoted(capability)}`;
}

function readAdds(reader: ManifestReader, findings: Findings, path: KeyPath): readonly string[] {
  const lines = reader.texts(path);
  lines.forEach((line, index) => {
    if (parseCapability(line) !== null) return;
    const hint = 'write it as it stands in an approval, e.g. "http:api.stripe.com"';
    findings.atValue([...path, index], `${quoted(line)} is no capability`, hint);
  });
  return lines;
}

function readExpectation(findings: Findings, path: KeyPath, expectation: string): string {
  if (expectation !== '' && !EXPECTATIONS.includes(expectation)) {
    const hint = 'write "granted", "denied", "1 person", "2 persons" …';
    findings.atValue(path, `a test cannot expect ${quoted(expectation)}`, hint);
  }
  return expectation;
}
