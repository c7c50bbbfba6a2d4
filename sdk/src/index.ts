export { KvConflict, TabbifyError } from './errors.ts';
export { kv } from './kv.ts';
export { sql } from './sql.ts';
