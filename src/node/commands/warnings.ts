/** What a person is told about keys that have no effect yet. @param unused keys of the manifest */
export function unusedWarning(unused: readonly string[]): string[] {
  return unused.map((key) => `\`${key}\` has no effect in this version yet`);
}
