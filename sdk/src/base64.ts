/** A call has at most so many arguments in every engine. */
const CHUNK = 0x8000;

/** Newer engines have it; older ones are good enough with `btoa`. */
type NativeBytes = Uint8Array & { toBase64?(): string };
type NativeClass = { fromBase64?(text: string): Uint8Array<ArrayBuffer> };

export function toBase64(bytes: NativeBytes): string {
  if (bytes.toBase64 !== undefined) return bytes.toBase64();
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as NativeClass;
  if (native.fromBase64 !== undefined) return native.fromBase64(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
