/** Where a value stands in a TOML document: table keys as text, indices of array elements as numbers. */
export type KeyPath = readonly (string | number)[];

/** A path as a person writes it: `runtime.lifecycle`; array indices are left out, since a finding carries its line. */
export function keyName(path: KeyPath): string {
  return path
    .filter((part) => typeof part === 'string')
    .map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part)))
    .join('.');
}
