import { hkdf as deriveHkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 as derivePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha224, sha256, sha384, sha512, sha512_256 } from '@noble/hashes/sha2.js';
import type { CHash, Hash as NobleHash } from '@noble/hashes/utils.js';
import { Buffer } from './buffer.ts';

/** Text in an encoding, or bytes. */
type Data = string | ArrayBuffer | ArrayBufferView;

const HASHES: Readonly<Record<string, CHash>> = {
  md5,
  ripemd160,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha512-256': sha512_256,
};

/** Bytes that the engine gives at once. */
const RANDOM_CHUNK = 65_536;

const { crypto } = globalThis;
export const webcrypto = crypto;
export const { subtle } = crypto;
export const randomUUID = (): string => crypto.randomUUID();
export const getRandomValues = <View extends ArrayBufferView>(view: View): View =>
  crypto.getRandomValues(view as never);
export const getHashes = (): string[] => Object.keys(HASHES);

function hashNamed(name: string): CHash {
  const plain = String(name)
    .toLowerCase()
    .replace(/^rsa-/, '')
    .replace(/^sha-(?=\d)/, 'sha')
    .replace('/', '-');
  const found = Object.hasOwn(HASHES, plain) ? HASHES[plain] : undefined;
  if (found !== undefined) return found;
  throw new Error(
    `Digest method not supported: ${name}. As wasm-http there are ${getHashes().join(', ')}; run the app as \`worker\` for others.`,
  );
}

function bytesOf(data: Data, encoding: string = 'utf8'): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding as never);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw Object.assign(
    new TypeError('The "data" argument must be a string, a Buffer, a typed array or a DataView'),
    {
      code: 'ERR_INVALID_ARG_TYPE',
    },
  );
}

function encoded(bytes: Uint8Array, encoding: string | undefined): Buffer | string {
  const buffer = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding as never);
}

/** What hashes and MACs have in common: pieces in, one digest out. */
class Digest {
  #state: NobleHash<never>;
  #isDone = false;

  constructor(state: unknown) {
    this.#state = state as NobleHash<never>;
  }

  update(data: Data, encoding?: string): this {
    this.#mustBeOpen();
    this.#state.update(bytesOf(data, encoding));
    return this;
  }

  digest(encoding?: string): Buffer | string {
    this.#mustBeOpen();
    this.#isDone = true;
    return encoded(this.#state.digest(), encoding);
  }

  /** Where it stands now, for another one to go on from. */
  protected cloned(): NobleHash<never> {
    this.#mustBeOpen();
    return this.#state.clone();
  }

  #mustBeOpen(): void {
    if (this.#isDone)
      throw Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
  }
}

export class Hash extends Digest {
  copy(): Hash {
    return new Hash(this.cloned());
  }
}

export class Hmac extends Digest {}

export function createHash(algorithm: string): Hash {
  return new Hash(hashNamed(algorithm).create());
}

export function createHmac(algorithm: string, key: Data): Hmac {
  return new Hmac(hmac.create(hashNamed(algorithm), bytesOf(key)));
}

/** All at once; the digest in hex unless something else is asked for. */
export function hash(algorithm: string, data: Data, encoding = 'hex'): Buffer | string {
  return encoded(hashNamed(algorithm)(bytesOf(data)), encoding);
}

export function randomFillSync<View extends ArrayBufferView>(view: View, offset = 0, size?: number): View {
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
  const end = size === undefined ? bytes.length : offset + size;
  for (let at = offset; at < end; at += RANDOM_CHUNK) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(end, at + RANDOM_CHUNK)));
  }
  return view;
}

type Done<Value> = (error: unknown, value?: Value) => void;

/** As callbacks are called: later. */
function later<Value>(make: () => Value, done: Done<Value>): void {
  let value: Value;
  try {
    value = make();
  } catch (error) {
    queueMicrotask(() => done(error));
    return;
  }
  queueMicrotask(() => done(null, value));
}

export function randomBytes(size: number, done?: Done<Buffer>): Buffer | undefined {
  const make = (): Buffer => randomFillSync(Buffer.alloc(size));
  if (done === undefined) return make();
  later(make, done);
  return undefined;
}

/** Evenly from `min` up to, not including, `max`. */
export function randomInt(min: number, max?: number | Done<number>, done?: Done<number>): number | undefined {
  if (typeof max !== 'number') return randomInt(0, min, max);
  const make = (): number => evenly(min, max);
  if (done === undefined) return make();
  later(make, done);
  return undefined;
}

/** Of six bytes, as in Node; what would favour some numbers is thrown again. */
function evenly(min: number, max: number): number {
  const range = max - min;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || range <= 0 || range > 2 ** 48 - 1) {
    throw Object.assign(new RangeError('"max" must be a whole number above "min", by less than 2 ** 48'), {
      code: 'ERR_OUT_OF_RANGE',
    });
  }
  const limit = 2 ** 48 - (2 ** 48 % range);
  for (;;) {
    const drawn = randomFillSync(Buffer.alloc(6)).readUIntBE(0, 6);
    if (drawn < limit) return min + (drawn % range);
  }
}

/** Takes as long wherever they differ. @throws RangeError when they are not of one length */
export function timingSafeEqual(
  left: ArrayBuffer | ArrayBufferView,
  right: ArrayBuffer | ArrayBufferView,
): boolean {
  const [a, b] = [bytesOf(left), bytesOf(right)];
  if (a.length !== b.length) {
    throw Object.assign(new RangeError('Input buffers must have the same byte length'), {
      code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH',
    });
  }
  let difference = 0;
  for (const [at, byte] of a.entries()) difference |= byte ^ (b[at] ?? 0);
  return difference === 0;
}

export function pbkdf2Sync(
  password: Data,
  salt: Data,
  rounds: number,
  length: number,
  digest: string,
): Buffer {
  const key = derivePbkdf2(hashNamed(digest), bytesOf(password), bytesOf(salt), { c: rounds, dkLen: length });
  return Buffer.from(key);
}

export function pbkdf2(
  ...[password, salt, rounds, length, digest, done]: [...Parameters<typeof pbkdf2Sync>, Done<Buffer>]
): void {
  later(() => pbkdf2Sync(password, salt, rounds, length, digest), done);
}

export function hkdfSync(digest: string, key: Data, salt: Data, info: Data, length: number): ArrayBuffer {
  const derived = deriveHkdf(hashNamed(digest), bytesOf(key), bytesOf(salt), bytesOf(info), length);
  return derived.slice().buffer as ArrayBuffer;
}

export function hkdf(
  ...[digest, key, salt, info, length, done]: [...Parameters<typeof hkdfSync>, Done<ArrayBuffer>]
): void {
  later(() => hkdfSync(digest, key, salt, info, length), done);
}
