/**
 * Does a text match a pattern in which `*` stands for any run of characters, also none? What stands between two stars is looked for
 * from the left, so that many stars cost no more than one.
 */
export function starMatches(pattern: string, text: string): boolean {
  const first = pattern.indexOf('*');
  if (first < 0) return pattern === text;
  const last = pattern.lastIndexOf('*');
  const end = text.length - (pattern.length - last - 1);
  if (end < first || !text.startsWith(pattern.slice(0, first)) || !text.endsWith(pattern.slice(last + 1)))
    return false;
  let at = first;
  for (const part of pattern.slice(first + 1, Math.max(last, first + 1)).split('*')) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * Is there a text that two such patterns both match? Where both have a star, only what stands before the first and behind the last of
 * them can be in the way: of what is left, one begins with a star and one ends with a star, so that a text of both is made by putting
 * the letters of the one into a star of the other, or behind it.
 */
export function starPatternsMeet(one: string, other: string): boolean {
  if (!one.includes('*')) return starMatches(other, one);
  if (!other.includes('*')) return starMatches(one, other);
  for (let i = 0; one[i] !== '*' && other[i] !== '*'; i++) if (one[i] !== other[i]) return false;
  for (let i = 1; one.at(-i) !== '*' && other.at(-i) !== '*'; i++)
    if (one.at(-i) !== other.at(-i)) return false;
  return true;
}
