import { Buffer as Port } from 'buffer/index.js';

type NodeBuffer = import('node:buffer').Buffer;
const Base = Port as unknown as typeof import('node:buffer').Buffer;

type Text = 'base64url' | BufferEncoding;

const isUrl = (encoding: unknown): boolean => String(encoding).toLowerCase() === 'base64url';

/** The package reads base64url where it is told base64, and writes base64 alone. */
function addBase64Url(): void {
  const { from, isEncoding, byteLength } = Base;
  const { toString: write, write: put } = Base.prototype;
  const plain = (encoding: unknown): Text | undefined => (isUrl(encoding) ? 'base64' : (encoding as Text));
  const changed = {
    from: (value: never, encoding?: never, length?: never) => from(value, plain(encoding) as never, length),
    isEncoding: (encoding: string) => isUrl(encoding) || isEncoding(encoding),
    byteLength: (value: string, encoding?: BufferEncoding) => byteLength(value, plain(encoding)),
  };
  const prototype = {
    toString(this: NodeBuffer, encoding?: BufferEncoding, start?: number, end?: number): string {
      if (!isUrl(encoding)) return write.call(this, encoding, start, end);
      const text = write.call(this, 'base64', start, end);
      return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    },
    write(this: NodeBuffer, ...args: unknown[]): number {
      return put.apply(this, args.map((arg) => (isUrl(arg) ? 'base64' : arg)) as never);
    },
  };
  Object.assign(Base, changed);
  Object.assign(Base.prototype, prototype);
}

function prepared(): typeof Base {
  addBase64Url();
  const scope = globalThis as { Buffer?: unknown };
  scope.Buffer ??= Base; // for packages that ask for it so
  return Base;
}

export const Buffer = /* @__PURE__ */ prepared();
/** Bytes that one can have: what an instance may address. */
export const kMaxLength = 2 ** 31 - 1;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 30 - 2 };
export const { atob, btoa, Blob, File } = globalThis;

/** Whether bytes are whole UTF-8. */
export function isUtf8(bytes: ArrayBuffer | ArrayBufferView): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes as ArrayBuffer);
    return true;
  } catch {
    return false;
  }
}

export function isAscii(bytes: ArrayBuffer | ArrayBufferView): boolean {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.every((byte) => byte < 128);
}
