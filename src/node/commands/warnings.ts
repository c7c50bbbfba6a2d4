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
