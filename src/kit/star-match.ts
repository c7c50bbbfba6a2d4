/**
 * Does a text match a pattern in which `*` stands for any run of characters, also none? Goes back to the last `*` only, so that many
 * stars cost no more than length × length.
 */
export function starMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = t;
    } else if (pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Is there a text that two such patterns both match? */
export function starPatternsMeet(one: string, other: string): boolean {
  for (let i = 0; i < one.length && i < other.length && one[i] !== '*' && other[i] !== '*'; i++) {
    if (one[i] !== other[i]) return false; // most do not, and are told apart by their beginnings
  }
  // meets[j]: what is left of `one` from the row's place on, and of `other` from j on, have a text in common
  let below: readonly boolean[] = [];
  for (let i = one.length; i >= 0; i--) {
    const row: boolean[] = [];
    for (let j = other.length; j >= 0; j--) {
      if (i === one.length && j === other.length) row[j] = true;
      else if (one[i] === '*') row[j] = below[j] === true || row[j + 1] === true;
      else if (other[j] === '*') row[j] = row[j + 1] === true || below[j] === true;
      else row[j] = one[i] === other[j] && below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}
