import {
  type Diagnostic,
  type Findings,
  type ManifestReader,
  manifestReader,
  openToml,
  quoted,
  refuseUnknownKeys,
} from '../../app/index.ts';
import { DEFAULT_POLICY, hoursInMs, type Policy } from './policy.ts';
import { AUTO_APPROVE, POLICY_FORMAT } from './policy-format.ts';
import { readTests, runTests } from './policy-tests.ts';
import { readRules } from './read-rules.ts';

/** Name of the file in the office's folder. */
export const POLICY_FILE = 'office.toml';

/** Characters. */
const MAX_POLICY_LENGTH = 64 * 1024;

export interface ParsedPolicy {
  /** Null when there is at least one diagnostic: a policy is taken whole or not at all. */
  readonly policy: Policy | null;
  /** Each of them an error, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an `office.toml` and runs its tests. An unknown key is an error, since one that is misspelt must not loosen anything; so is a
 * test that fails. Never throws: whatever is wrong is a diagnostic. An empty text is `DEFAULT_POLICY`.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const opened = openToml(text, { file: POLICY_FILE, what: 'the policy', maxLength: MAX_POLICY_LENGTH });
  if ('severity' in opened) return { policy: null, diagnostics: [opened] };
  const { root, findings } = opened;
  const reader = manifestReader(root, findings, POLICY_FORMAT);
  refuseUnknownKeys(root, findings, POLICY_FORMAT);
  const policy = readPolicy(reader, findings);
  const tests = readTests(reader, findings);
  if (findings.list().length === 0) runTests(policy, tests, findings);
  const diagnostics = findings.list();
  return { policy: diagnostics.length === 0 ? policy : null, diagnostics };
}

function readPolicy(reader: ManifestReader, findings: Findings): Policy {
  for (const table of ['approvals', 'limits']) reader.keys([table]); // says when it is no table
  const hours = reader.integer(['approvals', 'expires_hours']);
  const limit = (name: keyof Policy['limits']) =>
    reader.integer(['limits', name]) ?? DEFAULT_POLICY.limits[name];
  return {
    autoApproveSameBundle: readAutoApprove(reader, findings),
    persons: reader.integer(['approvals', 'persons']) ?? DEFAULT_POLICY.persons,
    expiresMs: hours === null ? DEFAULT_POLICY.expiresMs : hoursInMs(hours),
    rules: readRules(reader, findings),
    limits: {
      memory_mb: limit('memory_mb'),
      vcpus: limit('vcpus'),
      data_mb: limit('data_mb'),
      fuel_per_request: limit('fuel_per_request'),
    },
  };
}

function readAutoApprove(reader: ManifestReader, findings: Findings): boolean {
  const path = ['approvals', 'auto_approve'];
  const listed = reader.texts(path);
  listed.forEach((entry, index) => {
    if (AUTO_APPROVE.some((known) => known === entry)) return;
    const hint = `allowed: ${AUTO_APPROVE.map((known) => `"${known}"`).join(', ')}`;
    findings.atValue([...path, index], `\`approvals.auto_approve\` cannot hold ${quoted(entry)}`, hint);
  });
  return listed.includes('same-bundle');
}
