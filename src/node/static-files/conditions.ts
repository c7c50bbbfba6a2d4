/** What a request says of the copy it has and of the form it wants; null where it says nothing. */
export interface Conditions {
  ifMatch: string | null;
  ifNoneMatch: string | null;
  ifModifiedSince: string | null;
  ifRange: string | null;
  range: string | null;
  acceptEncoding: string | null;
}

/** @param headers alternating names and values, as they were sent */
export function readConditions(headers: readonly string[]): Conditions {
  const found: Conditions = {
    ...{ ifMatch: null, ifNoneMatch: null, ifModifiedSince: null },
    ...{ ifRange: null, range: null, acceptEncoding: null },
  };
  for (let index = 0; index < headers.length; index += 2) {
    const field = fieldOf(headers[index] as string);
    if (field === null) continue;
    const value = headers[index + 1] as string;
    const before = found[field];
    found[field] = before === null ? value : `${before}, ${value}`;
  }
  return found;
}

/** Most headers are told by their length alone that they are none of these. */
function fieldOf(name: string): keyof Conditions | null {
  switch (name.length) {
    case 5:
      return name.toLowerCase() === 'range' ? 'range' : null;
    case 8: {
      const lower = name.toLowerCase();
      return lower === 'if-match' ? 'ifMatch' : lower === 'if-range' ? 'ifRange' : null;
    }
    case 13:
      return name.toLowerCase() === 'if-none-match' ? 'ifNoneMatch' : null;
    case 15:
      return name.toLowerCase() === 'accept-encoding' ? 'acceptEncoding' : null;
    case 17:
      return name.toLowerCase() === 'if-modified-since' ? 'ifModifiedSince' : null;
    default:
      return null;
  }
}

/**
 * May the answer be sent (`go`), does the visitor have it already (`same`), or does what it relies on not hold (`failed`)?
 * In the order of RFC 9110 §13.2.2. A date counts only if it is the very one that was sent: after a rollback the files in
 * place are older than what the visitor has, and other ones.
 *
 * @param etag of what would be sent
 */
export function preconditions(
  { ifMatch, ifNoneMatch, ifModifiedSince }: Conditions,
  etag: string,
  lastModified: string,
): 'go' | 'same' | 'failed' {
  if (ifMatch !== null && !names(ifMatch, etag, false)) return 'failed';
  if (ifNoneMatch !== null) return names(ifNoneMatch, etag, true) ? 'same' : 'go';
  return ifModifiedSince === lastModified ? 'same' : 'go';
}

/** Does a list of entity tags name this one? @param weakly `W/"x"` counts as `"x"` */
function names(list: string, etag: string, weakly: boolean): boolean {
  if (list === etag) return true;
  if (list.trim() === '*') return true;
  return list
    .split(',')
    .map((each) => each.trim())
    .some((each) => each === etag || (weakly && each === `W/${etag}`));
}
