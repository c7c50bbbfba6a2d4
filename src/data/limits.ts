/** Largest value of the key-value store, in bytes. */
export const MAX_VALUE_BYTES = 1024 * 1024;
/** Longest key, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 512;
/** Entries of a list unless the caller says how many. */
export const DEFAULT_LIST_LIMIT = 100;
export const MAX_LIST_LIMIT = 1000;
/** A list with values ends where its values would be more than this, in bytes before base64. */
export const MAX_LIST_BYTES = 1024 * 1024;

/** Largest body of an SQL request, in bytes: statement and parameters. */
export const MAX_SQL_BODY_BYTES = 2 * 1024 * 1024;
/** Statements of a batch. */
export const MAX_BATCH = 1000;
/** Largest answer to an SQL request, in bytes of JSON (CONTRACTS §9). */
export const MAX_RESULT_BYTES = 1024 * 1024;
/** Largest string, blob or row inside of the app's database, in bytes. */
export const MAX_ROW_BYTES = 2 * 1024 * 1024;
/** Milliseconds that a statement, or a batch, may take once it has begun. */
export const QUERY_DEADLINE_MS = 5_000;

/** Bytes of a page of both database files; the quota is counted in pages. */
export const PAGE_BYTES = 4096;
/** `runtime.data_mb` unless the manifest says otherwise (CONTRACTS §4). */
export const DEFAULT_DATA_MB = 1024;

/** Files and folders that an app may have in `/data`. */
export const MAX_FILES = 100_000;
/** Folders within each other below `/data`, and bytes of a path there. */
export const MAX_FILE_DEPTH = 32;
export const MAX_FILE_PATH_BYTES = 1024;
/** Files, folders and listings that an app may have open at once; with a version that takes its place, twice that. */
export const MAX_OPEN_FILES = 256;
/** Bytes of a file that one call reads or writes. */
export const MAX_FILE_CHUNK_BYTES = 256 * 1024;
