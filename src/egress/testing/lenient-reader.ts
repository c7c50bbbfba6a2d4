/** In which ways a server reads what is not as it should be. All false: it reads what is right, and stops at anything else. */
export interface Leniency {
  /** A line feed alone ends a line. */
  readonly lf: boolean;
  /** So does a carriage return alone. */
  readonly cr: boolean;
  /** Empty lines in front of a request are passed over. */
  readonly blank: boolean;
  /** A line that begins with a space goes on with the one before. */
  readonly fold: boolean;
  /** Spaces around a name are not part of it. */
  readonly space: boolean;
  /** Of two fields the last one counts, not the first. */
  readonly last: boolean;
  /** A length counts more than chunks. */
  readonly lengthFirst: boolean;
  /** Whatever has `chunked` in it is in chunks. */
  readonly anyCoding: boolean;
  /** Numbers are read as far as they are some. */
  readonly numbers: boolean;
  /** A target may have a host, which counts more than the field. */
  readonly absolute: boolean;
  /** Request lines have any spaces between their parts, and any version or none. */
  readonly requestLine: boolean;
  /** Behind the last chunk, what is no empty line is the next request. */
  readonly noTrailers: boolean;
  /** Trailers are fields as any others. */
  readonly mergesTrailers: boolean;
}

export const LENIENCIES = [
  'lf',
  'cr',
  'blank',
  'fold',
  'space',
  'last',
  'lengthFirst',
  'anyCoding',
  'numbers',
  'absolute',
  'requestLine',
  'noTrailers',
  'mergesTrailers',
] as const satisfies readonly (keyof Leniency)[];

/** What such a server sees: `method target host`, of each request whose head has come. */
export function readLeniently(text: string, lenient: Leniency): string[] {
  const seen: string[] = [];
  let at = 0;

  /** Null: there is no whole one. */
  function line(): string | null {
    for (let end = at; end < text.length; end++) {
      const isCrLf = text[end] === '\r' && text[end + 1] === '\n';
      const isEnd = isCrLf || (lenient.lf && text[end] === '\n') || (lenient.cr && text[end] === '\r');
      if (!isEnd) continue;
      const found = text.slice(at, end);
      at = end + (isCrLf ? 2 : 1);
      return found;
    }
    return null;
  }

  /** Up to an empty line. Null: it is not whole. */
  function fields(): [string, string][] | null {
    const found: [string, string][] = [];
    for (;;) {
      const text = line();
      if (text === null) return null;
      if (text === '') return found;
      const before = found.at(-1);
      if (lenient.fold && /^[ \t]/.test(text) && before !== undefined) {
        before[1] += ` ${text.trim()}`;
        continue;
      }
      const colon = text.indexOf(':');
      const name = text.slice(0, Math.max(0, colon)).toLowerCase();
      found.push([lenient.space ? name.trim() : name, text.slice(colon + 1).trim()]);
    }
  }

  function take(length: number): boolean {
    at += length;
    return at <= text.length;
  }

  function chunks(head: [string, string][]): boolean {
    for (;;) {
      const size = line();
      if (size === null) return false;
      const isPlain = /^[0-9a-f]+$/i.test(size);
      const length = isPlain || lenient.numbers ? Number.parseInt(size, 16) : Number.NaN;
      if (!(length >= 0)) return false;
      if (length > 0) {
        if (!take(length) || line() !== '') return false;
        continue;
      }
      if (lenient.noTrailers) {
        const begin = at;
        if (line() !== '') at = begin;
        return true;
      }
      const trailers = fields();
      if (lenient.mergesTrailers) head.push(...(trailers ?? []));
      return trailers !== null;
    }
  }

  function body(head: [string, string][]): boolean {
    const { coding, length } = framingOf(head);
    const isChunked = lenient.anyCoding ? coding?.includes('chunked') : coding === 'chunked';
    if (isChunked && !(lenient.lengthFirst && length !== undefined)) return chunks(head);
    if (length === undefined) return true;
    if (!/^\d+$/.test(length) && !lenient.numbers) return false;
    const bytes = Number.parseInt(length, 10);
    return bytes >= 0 && take(bytes);
  }

  function framingOf(head: readonly [string, string][]) {
    return { coding: field(head, 'transfer-encoding')?.toLowerCase(), length: field(head, 'content-length') };
  }

  function field(head: readonly [string, string][], name: string): string | undefined {
    const found = head.filter(([each]) => each === name);
    return (lenient.last ? found.at(-1) : found[0])?.[1];
  }

  for (;;) {
    let first = line();
    while (first === '' && lenient.blank) first = line();
    if (first === null) return seen;
    const parts = lenient.requestLine ? first.trim().split(/\s+/) : first.split(' ');
    const [method = '', target = '', version = ''] = parts;
    if (!lenient.requestLine && (version !== 'HTTP/1.1' || parts.length !== 3)) return seen;
    if (!/^[a-z]+$/i.test(method) || target === '') return seen;
    const head = version === '' ? [] : fields();
    if (head === null) return seen;
    const [, named] = (lenient.absolute && /^[a-z]+:\/\/([^/]*)/i.exec(target)) || [];
    const request = () => `${method} ${target} ${named ?? field(head, 'host')}`;
    const place = seen.push(request()) - 1;
    const isWhole = body(head);
    seen[place] = request(); // trailers may have changed it
    if (!isWhole) return seen;
  }
}
