import type { Readable } from 'node:stream';

/**
 * Objects by key (`apps/<uuid>/v1/tabbify.toml`). Keys are `/`-separated, relative, without `.` or `..` parts.
 * Implementations share `objectStoreConformance`. Errors (`TabbifyError`): `object_unknown` 404,
 * `object_key_invalid` 400, `store_unavailable` 503.
 */
export interface ObjectStore {
  /** Stores the whole object or nothing; an existing one is replaced. */
  put(key: string, body: Uint8Array | Readable): Promise<void>;
  /** Stores the object only where none is: false when the key is taken. The one primitive that makes versions immutable. */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;
  /** @throws object_unknown */
  get(key: string): Promise<Uint8Array>;
  /** @throws object_unknown */
  stream(key: string): Promise<Readable>;
  /** Keys that begin with the prefix, sorted. */
  list(prefix: string): Promise<readonly string[]>;
  delete(key: string): Promise<void>;
}
