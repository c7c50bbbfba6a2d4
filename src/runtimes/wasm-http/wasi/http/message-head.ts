import type { FieldEntry } from './fields.ts';

/** The fields of a message that a guest sends. */
export interface MessageHead {
  /** Flat list of names and values, as node takes it. */
  readonly headers: string[];
  /** Null without one. */
  readonly contentLength: number | null;
}

/** Fields as node takes them; null: the guest's `content-length` is no length. */
export function messageHead(entries: readonly FieldEntry[]): MessageHead | null {
  const headers: string[] = [];
  let contentLength: number | null = null;
  for (const [name, bytes] of entries) {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    if (name === 'content-length') {
      const length = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (contentLength !== null || Number.isNaN(length)) return null;
      contentLength = length;
    }
    headers.push(name, value);
  }
  return { headers, contentLength };
}
