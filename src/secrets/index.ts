export type { AuditEntry, AuditLine, AuditReport } from './audit.ts';
export { secretsError } from './errors.ts';
export { MAX_VALUE_BYTES, PLATFORM } from './rules.ts';
export type { SecretChange } from './secret-files.ts';
export { createSpawnIds, newSpawnId, SPAWN_LIFE_MS, type SpawnIds } from './spawn-ids.ts';
export { openSecretStore, type SecretRequest, type SecretRow, type SecretStore } from './store.ts';
