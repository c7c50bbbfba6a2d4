import {
  CAPABILITY_KINDS,
  type Findings,
  type KeyPath,
  type ManifestReader,
  named,
  parseCapability,
  quoted,
  requiredText,
  slugOf,
} from '../../app/index.ts';
import { starPatternsMeet } from '../../kit/index.ts';
import type { PolicyRule } from './policy.ts';
import { DECISIONS, MAX_MATCH, MAX_RULES } from './policy-format.ts';

/** `[[rule]]`. One that can never be about anything is an error: it was meant to be about something. */
export function readRules(reader: ManifestReader, findings: Findings): readonly PolicyRule[] {
  const tables = reader.tables(['rule']);
  if (tables.length > MAX_RULES) {
    const hint = 'put several into one with `*`, or name several `apps` in one';
    findings.atKey(
      'error',
      ['rule', MAX_RULES],
      `there are ${tables.length} rules of at most ${MAX_RULES}`,
      hint,
    );
    return [];
  }
  return tables.map((path, index) => {
    const match = requiredText(reader, findings, [...path, 'match']);
    if (match !== '') checkMatch(findings, [...path, 'match'], match);
    return {
      number: index + 1,
      match,
      persons: readDemand(reader, findings, path),
      apps: readApps(reader, findings, path),
    };
  });
}

function checkMatch(findings: Findings, path: KeyPath, match: string): void {
  const what = `nothing is what ${quoted(match)} is about`;
  if (match.length > MAX_MATCH) {
    const message = `\`rule.match\` has ${match.length} characters of at most ${MAX_MATCH}`;
    findings.atValue(path, message, 'put `*` in the place of a part of it');
    return;
  }
  if (!CAPABILITY_KINDS.some((kind) => starPatternsMeet(match, `${kind}:*`))) {
    findings.atValue(
      path,
      what,
      `a capability begins with ${CAPABILITY_KINDS.map((kind) => `${kind}:`).join(', ')}`,
    );
  } else if (!match.includes('*') && parseCapability(match) === null) {
    const hint =
      'write it as it stands in an approval, e.g. "http:api.stripe.com", or with `*` for any characters';
    findings.atValue(path, what, hint);
  }
}

function readDemand(reader: ManifestReader, findings: Findings, rule: KeyPath): number | null {
  const [atPersons, atDecision] = [
    [...rule, 'persons'],
    [...rule, 'decision'],
  ];
  const persons = reader.integer(atPersons);
  reader.oneOf(atDecision, DECISIONS);
  if (!reader.has(atPersons) && !reader.has(atDecision)) {
    findings.atKey('error', rule, 'the rule demands nothing', 'add persons = 2, or decision = "deny"');
  }
  if (reader.has(atPersons) && reader.has(atDecision)) {
    findings.atKey(
      'error',
      atDecision,
      'what is denied is decided by nobody',
      'remove `persons` or `decision`',
    );
  }
  return reader.has(atDecision) ? null : persons;
}

function readApps(reader: ManifestReader, findings: Findings, rule: KeyPath): readonly string[] | null {
  const path = [...rule, 'apps'];
  if (!reader.has(path)) return null;
  const apps = reader.texts(path);
  if (apps.length === 0) {
    findings.atValue(
      path,
      'the rule is about no app',
      'name one, or remove `apps`: then it is about every app',
    );
  }
  apps.forEach((app, index) => {
    checkApp(findings, [...path, index], app);
  });
  return apps;
}

/** Is this the name of an app as decisions know it? */
export function checkApp(findings: Findings, path: KeyPath, app: string): void {
  let slug: string | null = null;
  try {
    slug = slugOf(app);
  } catch {
    // no app can have this name; said below
  }
  if (slug === app) return;
  const hint =
    slug === null
      ? 'write the name of an app, as in its address'
      : `write ${quoted(slug)}, as in its address`;
  findings.atValue(path, `no app has the name ${quoted(app)} (${named(path)})`, hint);
}
