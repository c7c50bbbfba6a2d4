import { defineErrors } from '../kit/index.ts';

/** Everything that can go wrong with stored objects, versions and archives. */
export const artifactError = defineErrors({
  /** No object has this key. */
  object_unknown: { status: 404, title: 'Unknown object' },
  /** The key is absolute, has empty, `.` or `..` parts, control characters, or is too long. */
  object_key_invalid: { status: 400, title: 'Invalid object key' },
  /** Disk full, no permission, another file system, server away: the store cannot do it now. */
  store_unavailable: { status: 503, title: 'Artifact store unavailable' },
  /** The store holds what this platform never writes, e.g. a `latest` marker that is no number. */
  store_corrupt: { status: 500, title: 'Artifact store damaged' },
  /** What was fetched is not what the log says was published or built. */
  digest_mismatch: { status: 500, title: 'Artifact does not match its digest' },
  /** A folder holds what no artifact may: a link, a device, a name that is not portable. */
  folder_invalid: { status: 400, title: 'Folder cannot be published' },
  /** Other pushes took every version number that was tried. */
  version_conflict: { status: 409, title: 'Version conflict' },
  /** An archive is broken, or an entry of it is no plain file or folder inside the app's folder. */
  archive_invalid: { status: 400, title: 'Archive refused' },
  /** An archive has more entries or bytes than the office takes. */
  archive_too_large: { status: 413, title: 'Archive too large' },
  /** The archive did not arrive in time. */
  archive_timeout: { status: 408, title: 'Archive took too long' },
  /** What was uploaded of a file is not what was announced; it begins anew. */
  content_mismatch: { status: 409, title: 'Uploaded file does not match' },
  /** More was uploaded than was announced. */
  content_too_long: { status: 413, title: 'Too much was uploaded' },
  /** The process that unpacks archives ended without an answer. */
  unpack_failed: { status: 500, title: 'Archive could not be unpacked' },
});

export type ArtifactErrorCode = Parameters<typeof artifactError>[0];
