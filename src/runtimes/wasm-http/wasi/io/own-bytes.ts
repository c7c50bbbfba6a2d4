/**
 * Bytes that lie in a buffer of their own. Node's buffers share theirs with others, and the glue copies by the types a guest
 * has declared: told that a list has elements of eight bytes, it would copy eight times what is there.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
