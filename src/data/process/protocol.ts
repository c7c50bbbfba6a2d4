import { TabbifyError } from '../../kit/index.ts';
import type { Condition, ListRequest } from '../database/key-value.ts';

/** Raised by a change that the version before would misread: who is newer then ends an older process, which answers what it has taken first. */
export const DATA_PROTOCOL = 1;

/** What is asked of a data process; values, and the JSON of SQL, travel as the frame's body. */
export type DataRequest =
  | { readonly op: 'get'; readonly key: string }
  | ({ readonly op: 'list' } & ListRequest)
  | { readonly op: 'put'; readonly key: string; readonly contentType: string; readonly condition: Condition }
  | { readonly op: 'delete'; readonly key: string; readonly condition: Condition }
  | { readonly op: 'sql' };

/**
 * Head of a frame to the process. `open` comes first on a connection and says how much there may be; `files` does as well, and from then on only
 * files can be asked for (`FileRequest`).
 */
export type ToProcess =
  | ({ readonly id: number } & DataRequest)
  | { readonly op: 'open'; readonly data_mb: number }
  | { readonly op: 'files'; readonly data_mb: number };

/** What came of a request. `again`: it was not begun, since the process ends. */
export type DataReply =
  | { readonly reply: 'value'; readonly revision: string; readonly contentType: string }
  | { readonly reply: 'none' }
  /** Body: `{"entries": […], "last": key | null}`. */
  | { readonly reply: 'page' }
  | { readonly reply: 'written'; readonly revision: string }
  | { readonly reply: 'deleted' }
  | { readonly reply: 'conflict'; readonly revision: string | null }
  /** Body: the answer's JSON. */
  | { readonly reply: 'sql' }
  | { readonly reply: 'error'; readonly error: WireError }
  | { readonly reply: 'again' };

/** Who serves: the first frame on a connection. */
export interface Hello {
  readonly reply: 'hello';
  readonly protocol: number;
  readonly nonce: string;
  readonly pid: number;
  readonly start_time: number | null;
  /** It takes `files`; processes of the version before do not say. */
  readonly files?: true;
}

/** Head of a frame from the process. `tick`: it is there and at work; `bye`: it has taken requests up to this number, and none after. */
export type FromProcess =
  | Hello
  | { readonly reply: 'tick' }
  | { readonly reply: 'bye'; readonly taken: number }
  | ({ readonly id: number } & DataReply);

/** A `TabbifyError` on its way. */
export interface WireError {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly what: string;
  readonly why: string | null;
  readonly hint: string | null;
}

export function toWire({ code, status, title, what, why, hint }: TabbifyError): WireError {
  return { code, status, title, what, why: why ?? null, hint: hint ?? null };
}

export function fromWire({ code, status, title, what, why, hint }: WireError): TabbifyError {
  const text = { what, ...(why !== null && { why }), ...(hint !== null && { hint }) };
  return new TabbifyError(code, { status, title }, text);
}
