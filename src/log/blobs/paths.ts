import { join } from 'node:path';

/** The office's slug, as a folder's name. */
export const BLOB_TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** `sha256:<hex>`. */
export const BLOB_DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Where the blob with this digest stands: `<directory>/<tenant>/<2 hex>/<64 hex>`. */
export function blobPath(directory: string, tenant: string, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return join(directory, tenant, hex.slice(0, 2), hex);
}
