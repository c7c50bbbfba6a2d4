/** What a person is told about keys that have no effect yet. @param unused keys of the manifest */
export function unusedWarning(unused: readonly string[]): string[] {
  return unused.map((key) => `\`${key}\` has no effect in this version yet`);
}

/**
 * What a person is told about rights that stay denied whatever the manifest says, until approvals exist.
 *
 * @param denied keys of the manifest
 */
export function deniedWarning(denied: readonly string[]): string[] {
  return denied.map(
    (key) => `\`${key}\` stays denied: this version grants no outgoing HTTP, segments, actions or secrets`,
  );
}
