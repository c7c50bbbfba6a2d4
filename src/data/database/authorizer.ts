import { constants } from 'node:sqlite';

/** What a statement does, seen while SQLite compiled it. */
export interface StatementView {
  /** What is not allowed of it, in words; null: nothing. */
  refused: string | null;
  /** It changes data or schema. */
  writes: boolean;
  inserts: boolean;
}

export function blankView(): StatementView {
  return { refused: null, writes: false, inserts: false };
}

/** PRAGMAs that only tell something. Given a value, some of them would change the connection, which all calls share. */
const READING_PRAGMAS = new Set([
  'application_id',
  'collation_list',
  'compile_options',
  'data_version',
  'encoding',
  'foreign_keys',
  'freelist_count',
  'function_list',
  'page_count',
  'page_size',
  'recursive_triggers',
]);
/** PRAGMAs whose argument names what is asked for, or whose change stays in the file and harms nobody. */
const OTHER_PRAGMAS = new Set([
  'defer_foreign_keys',
  'foreign_key_check',
  'foreign_key_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'optimize',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
  'user_version',
]);

/** Virtual tables that an app may make. */
const MODULES = new Set(['fts5', 'rtree', 'rtree_i32']);

/**
 * Functions of SQLite that compute from their arguments. Not among them: `load_extension`, `fts3_tokenizer` (takes a pointer),
 * what tells of the library, and whatever a later SQLite brings.
 */
const FUNCTIONS = new Set(
  `-> ->> abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil ceiling changes char coalesce concat concat_ws cos cosh
  count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp first_value floor format
  fts5 fts5_get_locale fts5_insttoken fts5_locale glob group_concat hex highlight if ifnull iif instr json json_array
  json_array_insert json_array_length json_each json_error_position json_extract json_group_array json_group_object
  json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree json_type json_valid
  jsonb jsonb_array jsonb_array_insert jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object
  jsonb_patch jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid last_value lead length like likelihood
  likely ln log log10 log2 lower ltrim match max median min mod nth_value ntile nullif octet_length percent_rank percentile
  percentile_cont percentile_disc pi pow power printf quote radians random randomblob rank replace round row_number rtrim
  rtreecheck sign sin sinh snippet sqlite_version sqrt strftime string_agg substr substring subtype sum tan tanh time timediff
  total total_changes trim trunc typeof unhex unicode unistr unistr_quote unixepoch unlikely upper zeroblob`.split(
    /\s+/,
  ),
);

/** What ALTER TABLE is made of: for statements that SQLite writes itself, "no such function" to all others. */
const ALTERING = /^sqlite_(rename|drop|add|find|fail)/;

function isFunction(name: string): boolean {
  return FUNCTIONS.has(name) || ALTERING.test(name);
}

const READS = new Set([constants.SQLITE_SELECT, constants.SQLITE_READ, constants.SQLITE_RECURSIVE]);
const WRITES = new Set([
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
  constants.SQLITE_CREATE_TABLE,
  constants.SQLITE_CREATE_INDEX,
  constants.SQLITE_CREATE_VIEW,
  constants.SQLITE_CREATE_TRIGGER,
  constants.SQLITE_DROP_TABLE,
  constants.SQLITE_DROP_INDEX,
  constants.SQLITE_DROP_VIEW,
  constants.SQLITE_DROP_TRIGGER,
  constants.SQLITE_ALTER_TABLE,
  constants.SQLITE_REINDEX,
  constants.SQLITE_ANALYZE,
]);
const TEMPORARY = new Set([
  constants.SQLITE_CREATE_TEMP_TABLE,
  constants.SQLITE_CREATE_TEMP_INDEX,
  constants.SQLITE_CREATE_TEMP_VIEW,
  constants.SQLITE_CREATE_TEMP_TRIGGER,
  constants.SQLITE_DROP_TEMP_TABLE,
  constants.SQLITE_DROP_TEMP_INDEX,
  constants.SQLITE_DROP_TEMP_VIEW,
  constants.SQLITE_DROP_TEMP_TRIGGER,
]);

/**
 * Decides what a statement of an app may do (CONTRACTS §9): whatever is not on a list here is refused. SQLite asks while it
 * compiles a statement, once for each thing that the statement would do, also through triggers and views
 * ([sqlite3_set_authorizer](https://sqlite.org/c3ref/set_authorizer.html)).
 *
 * @param view what was seen of the statement; it is added to
 * @returns why it is refused, in words that follow "the statement"; null: it is allowed
 */
export function judge(
  view: StatementView,
  action: number,
  first: string | null,
  second: string | null,
): string | null {
  if (READS.has(action)) return null;
  if (WRITES.has(action)) {
    view.writes = true;
    view.inserts ||= action === constants.SQLITE_INSERT && first !== 'sqlite_master';
    return null;
  }
  if (TEMPORARY.has(action)) return 'makes something temporary: all calls share one connection';
  switch (action) {
    case constants.SQLITE_FUNCTION:
      return isFunction((second ?? '').toLowerCase()) ? null : `calls the function ${second}`;
    case constants.SQLITE_CREATE_VTABLE:
    case constants.SQLITE_DROP_VTABLE:
      view.writes = true;
      return MODULES.has((second ?? '').toLowerCase()) ? null : `uses virtual tables of ${second}`;
    case constants.SQLITE_PRAGMA:
      return judgePragma(view, (first ?? '').toLowerCase(), second);
    case constants.SQLITE_ATTACH:
      // VACUUM attaches a file as well, with INTO one that the statement names.
      return 'attaches a file, as ATTACH and VACUUM do';
    case constants.SQLITE_DETACH:
      return 'detaches a database';
    case constants.SQLITE_TRANSACTION:
    case constants.SQLITE_SAVEPOINT:
      return 'begins or ends a transaction';
    default:
      return `does what is on no list (action ${action} of SQLite)`;
  }
}

function judgePragma(view: StatementView, name: string, value: string | null): string | null {
  if (OTHER_PRAGMAS.has(name)) {
    view.writes = true; // some of them do, and in a transaction none harms
    return null;
  }
  if (!READING_PRAGMAS.has(name)) return `uses PRAGMA ${name}`;
  return value === null ? null : `sets PRAGMA ${name}`;
}

/** What to do instead of what was refused. */
export function hintFor(refused: string): string {
  if (refused.includes('transaction')) {
    return 'Send the statements as {"batch":[…]}: they run in one transaction, all of them or none';
  }
  if (refused.includes('temporary')) return 'Use an ordinary table, or WITH in the statement';
  if (refused.includes('VACUUM')) {
    return 'The app has one database; space that deleted rows leave is given back by itself';
  }
  return 'docs/data.md lists what SQL may use';
}
