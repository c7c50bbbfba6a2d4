export type { AuditLine, AuditReport } from './audit.ts';
export { secretsError } from './errors.ts';
export { MAX_VALUE_BYTES, PLATFORM } from './rules.ts';
export type { SecretChange } from './secret-files.ts';
export { openSecretStore, type SecretRequest, type SecretRow, type SecretStore } from './store.ts';
