/** What is to stand in a ClientHello. */
export interface HelloParts {
  /** Names in the list of the extension `server_name`; empty: there is no such extension. */
  readonly names?: readonly string[];
  /** The same extension once more. */
  readonly namesAgain?: readonly string[];
  /** With `encrypted_client_hello`. */
  readonly ech?: boolean;
  /** With an extension in front that nobody knows (RFC 8701). */
  readonly grease?: boolean;
  /** Bytes of padding besides. */
  readonly padding?: number;
  /** Bytes of the message in each record; default: all in one. */
  readonly recordBytes?: number;
  /** Type of the handshake message; default: ClientHello. */
  readonly type?: number;
}

const SERVER_NAME = 0;
const PADDING = 21;
const ECH = 0xfe0d;
const GREASE = 0x0a0a;

/** A ClientHello in its records (RFC 8446 §4.1.2), which no server will go on with. */
export function clientHello(parts: HelloParts): Buffer {
  const extensions = [
    ...(parts.grease ? [extension(GREASE, Buffer.from([0]))] : []),
    ...(parts.names === undefined ? [] : [extension(SERVER_NAME, nameList(parts.names))]),
    ...(parts.namesAgain === undefined ? [] : [extension(SERVER_NAME, nameList(parts.namesAgain))]),
    ...(parts.ech ? [extension(ECH, Buffer.alloc(64, 1))] : []),
    ...(parts.padding === undefined ? [] : [extension(PADDING, Buffer.alloc(parts.padding))]),
  ];
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32, 9)),
    vector(2, Buffer.from([0x13, 0x01])),
    vector(1, Buffer.from([0])),
    vector(2, Buffer.concat(extensions)),
  ]);
  return inRecords(
    Buffer.concat([Buffer.from([parts.type ?? 1]), vector(3, body)]),
    parts.recordBytes ?? 16_384,
  );
}

/** A server's wish for a second ClientHello (RFC 8446 §4.1.4), as far as anybody looks at it. */
export function helloRetryRequest(): Buffer {
  const random = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
  const body = Buffer.concat([Buffer.from([3, 3]), random, Buffer.from([0, 0x13, 0x01, 0, 0, 0])]);
  return inRecords(Buffer.concat([Buffer.from([2]), vector(3, body)]), 16_384);
}

function nameList(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(name, 'latin1'))]),
  );
  return vector(2, Buffer.concat(entries));
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([number(2, type), vector(2, data)]);
}

function inRecords(message: Buffer, most: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += most)
    records.push(Buffer.from([22, 3, 1]), vector(2, message.subarray(at, at + most)));
  return Buffer.concat(records);
}

function vector(lengthBytes: number, bytes: Buffer): Buffer {
  return Buffer.concat([number(lengthBytes, bytes.length), bytes]);
}

function number(bytes: number, value: number): Buffer {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(value, 0, bytes);
  return written;
}
