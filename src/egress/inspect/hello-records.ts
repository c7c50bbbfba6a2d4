const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = 20;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const HANDSHAKE_HEAD = 4;
/** RFC 8446 §5.1 */
const MAX_RECORD = 2 ** 14;

/** A first message that has come whole. */
export interface HelloBytes {
  /** The message without its own head. */
  readonly body: Buffer;
  /** Bytes that it took, records included. */
  readonly length: number;
}

/**
 * Puts a ClientHello together that may lie in any number of records (RFC 8446 §5.1).
 *
 * @param bytes all that has come
 * @param isSecond behind a HelloRetryRequest one change_cipher_spec may stand in front (appendix D.4)
 * @returns `incomplete` as far as it goes, `none` when it is anything else, or is followed by something within its last record
 */
export function helloIn(bytes: Buffer, isSecond: boolean): HelloBytes | 'incomplete' | 'none' {
  const parts: Buffer[] = [];
  let at = 0;
  let gathered = 0;
  let needed = Number.POSITIVE_INFINITY;
  while (gathered < needed) {
    const record = bytes.subarray(at);
    if (record.length > 0 && record[0] !== HANDSHAKE) {
      if (!isSecond || at > 0 || record[0] !== CHANGE_CIPHER_SPEC) return 'none';
      if (record.length < RECORD_HEAD + 1) return 'incomplete';
      if (record.readUInt16BE(3) !== 1) return 'none';
      at = RECORD_HEAD + 1;
      isSecond = false;
      continue;
    }
    if (record.length > 1 && record[1] !== 3) return 'none';
    if (record.length < RECORD_HEAD) return 'incomplete';
    const length = record.readUInt16BE(3);
    if (length === 0 || length > MAX_RECORD) return 'none';
    const part = record.subarray(RECORD_HEAD, RECORD_HEAD + length);
    parts.push(part);
    gathered += part.length;
    if (needed === Number.POSITIVE_INFINITY && gathered >= HANDSHAKE_HEAD) {
      const head = Buffer.concat(parts).readUInt32BE(0);
      if (head >>> 24 !== CLIENT_HELLO) return 'none';
      needed = HANDSHAKE_HEAD + (head & 0xff_ffff);
    }
    if (part.length < length) return 'incomplete';
    at += RECORD_HEAD + length;
  }
  if (gathered > needed) return 'none';
  return { body: Buffer.concat(parts).subarray(HANDSHAKE_HEAD), length: at };
}

/** Bytes of a server's first record that tell a HelloRetryRequest. */
const RETRY_BYTES = RECORD_HEAD + HANDSHAKE_HEAD + 2 + 32;
const SERVER_HELLO = 2;
/** A ServerHello with this random is a HelloRetryRequest (RFC 8446 §4.1.3). */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** Does the server want a second ClientHello? Null: not enough has come to tell. */
export function asksAgain(answer: Buffer): boolean | null {
  if (answer.length > 0 && answer[0] !== HANDSHAKE) return false;
  if (answer.length > RECORD_HEAD && answer[RECORD_HEAD] !== SERVER_HELLO) return false;
  return answer.length < RETRY_BYTES ? null : answer.subarray(RETRY_BYTES - 32, RETRY_BYTES).equals(RETRY);
}
