/** What a ClientHello says in the clear of where it wants to go (RFC 8446 §4.1.2, RFC 6066 §3). */
export interface ClientHello {
  /** As it stands there; null: it names none. */
  readonly serverName: string | null;
  /** Another ClientHello is inside, with a server name that nobody on the way can read (RFC 9849). */
  readonly isEncrypted: boolean;
}

const SERVER_NAME = 0;
/** `encrypted_client_hello`, and the `encrypted_server_name` that came before it. */
const ENCRYPTED = [0xfe0d, 0xffce];
const HOST_NAME = 0;
/** Letters, digits, `-`, `_` and dots: names as they are sent, A-labels included. */
const NAME = /^[\w.-]{1,255}$/;

/**
 * Reads the body of a ClientHello. Strict: lengths that do not come out, an extension that stands there twice, and more than one name are
 * an error, as servers differ in what they make of them.
 *
 * @returns null: it is none
 */
export function parseClientHello(body: Buffer): ClientHello | null {
  try {
    return read(new Reader(body));
  } catch {
    return null;
  }
}

function read(hello: Reader): ClientHello {
  hello.take(2 + 32); // version, random
  hello.vector(1); // session id
  hello.vector(2); // cipher suites
  hello.vector(1); // compression methods
  let serverName: string | null = null;
  let isEncrypted = false;
  const seen = new Set<number>();
  const extensions = hello.isAtEnd ? new Reader(Buffer.alloc(0)) : new Reader(hello.vector(2));
  hello.mustEnd();
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const data = new Reader(extensions.vector(2));
    if (seen.has(type)) throw new RangeError('twice');
    seen.add(type);
    if (type === SERVER_NAME) serverName = nameIn(data);
    isEncrypted ||= ENCRYPTED.includes(type);
  }
  return { serverName, isEncrypted };
}

function nameIn(data: Reader): string {
  const list = new Reader(data.vector(2));
  data.mustEnd();
  const type = list.number(1);
  const name = list.vector(2).toString('latin1');
  list.mustEnd();
  if (type !== HOST_NAME || !NAME.test(name)) throw new RangeError('no name');
  return name;
}

/** Takes fields off the front. @throws RangeError when there are none left */
class Reader {
  #rest: Buffer;
  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }
  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }
  mustEnd(): void {
    if (!this.isAtEnd) throw new RangeError('too long');
  }
  take(length: number): Buffer {
    if (this.#rest.length < length) throw new RangeError('too short');
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }
  number(bytes: number): number {
    return this.take(bytes).readUIntBE(0, bytes);
  }
  /** @param lengthBytes of the length in front */
  vector(lengthBytes: number): Buffer {
    return this.take(this.number(lengthBytes));
  }
}
