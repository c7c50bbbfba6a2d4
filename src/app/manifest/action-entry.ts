const ACTION = /^[a-z0-9][a-z0-9_-]*:[a-z0-9][a-z0-9_.-]*(?:@[A-Za-z0-9][A-Za-z0-9_.-]*)?$/;

/** Is this an entry of `actions` (CONTRACTS §4): `<service>:<action>`, or that and `@<integration name>`? */
export function isActionEntry(entry: string): boolean {
  return ACTION.test(entry);
}
