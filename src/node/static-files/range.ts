/** Which bytes an answer has; both ends are part of it. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` asks for (RFC 9110 §14). Several ranges at once are answered with the whole file, as a server may.
 *
 * @param size of the file in bytes
 * @returns null: the whole file; `unsatisfiable`: nothing of it is in the file
 */
export function rangeOf(header: string, size: number): Part | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return null; // not a range at all
  return start >= size ? 'unsatisfiable' : { start, end };
}
