/** What a `Response` is made with, where it is of the plain kind. */
export interface PlainInit {
  readonly status: number;
  readonly statusText: string;
  /** Names are in lower case; what is of class `Headers` is left as it is. */
  readonly fields: PlainFields | Headers;
}

export type PlainFields = Readonly<Record<string, string>>;

const DEFAULTS: PlainInit = { status: 200, statusText: '', fields: {} };
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** RFC 9110 §5.5, without white space at either end, which would have to go. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Fetch §2.2.3, statuses of which a response has no body. */
const WITHOUT_BODY = [204, 205, 304];

/**
 * Reads the second argument of `new Response` where nothing of it has to be converted, and nothing is wrong with it.
 *
 * @param isEmpty the response has no body
 * @returns null for all else
 */
export function plainInit(init: unknown, isEmpty: boolean): PlainInit | null {
  if (init === undefined || init === null) return DEFAULTS;
  if (!isPlainObject(init)) return null;
  const { status = 200, statusText = '', headers } = init;
  if (!isStatus(status) || (!isEmpty && WITHOUT_BODY.includes(status))) return null;
  if (typeof statusText !== 'string' || !PHRASE.test(statusText)) return null;
  const fields = headers instanceof Headers ? headers : plainFields(headers);
  return fields === null ? null : { status, statusText, fields };
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599;
}

function plainFields(headers: unknown): PlainFields | null {
  if (headers === undefined) return {};
  if (!isPlainObject(headers) || Object.getOwnPropertySymbols(headers).length > 0) return null;
  const fields: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value !== 'string' || !VALUE.test(value) || !TOKEN.test(name)) return null;
    const lower = name.toLowerCase();
    if (lower in fields) return null; // two spellings of one name, or one that objects have already
    fields[lower] = value;
  }
  return fields;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
