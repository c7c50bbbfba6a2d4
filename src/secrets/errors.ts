import { defineErrors } from '../kit/index.ts';

/** Why a secret is not put in, kept or given out. No text holds anything of a value. */
export const secretsError = defineErrors({
  /** Another process has the store of this home open. */
  secrets_in_use: { status: 409, title: 'Secrets are in use' },
  /** The name, the kind or the value cannot be those of a secret. */
  secret_invalid: { status: 400, title: 'Secret cannot be used' },
  /** The office has no secret of this name. */
  secret_unknown: { status: 404, title: 'Unknown secret' },
  /** The office has a secret of this name already. */
  secret_exists: { status: 409, title: 'Secret exists' },
  /** The office has as many secrets as it may have. */
  secrets_full: { status: 409, title: 'Too many secrets' },
  /** What lies on disk is not what was sealed; others are not affected. */
  secret_damaged: { status: 500, title: 'Secret is damaged' },
  /** There are secrets, and the key that opens them is not there. */
  master_key_missing: { status: 503, title: 'Master key is missing' },
  /** The file of the master key does not hold a key. */
  master_key_damaged: { status: 503, title: 'Master key is damaged' },
  /** The key is whole, and is another than the one that sealed. */
  master_key_wrong: { status: 503, title: 'Master key is another one' },
  /** The new master key cannot be written where the old one is. */
  master_key_fixed: { status: 409, title: 'Master key cannot be replaced' },
  /** Nothing is done that cannot be written to the audit first. */
  audit_unwritable: { status: 503, title: 'Audit cannot be written' },
  /** A spawn id came a second time: whoever sends it has seen somebody else's, or repeats a request. */
  spawn_used: { status: 409, title: 'Spawn id was used' },
  /** A spawn id is older than it may be, or none. */
  spawn_outdated: { status: 409, title: 'Spawn id is too old' },
  /** The disk refuses, or the store is closed. */
  secrets_unavailable: { status: 503, title: 'Secrets cannot be reached' },
});
