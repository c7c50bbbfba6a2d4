import type { Manifest } from './model.ts';

/** What stands under a key. */
export type ValueSpec =
  | { readonly type: 'text'; readonly example?: string }
  | { readonly type: 'boolean' }
  /** A whole number, both bounds included. */
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'one_of'; readonly values: readonly string[] }
  | { readonly type: 'texts'; readonly example?: string }
  /** `now`, `beginning` or a position in the log. */
  | { readonly type: 'start' }
  /** A table whose keys the author chooses, all of them texts. */
  | { readonly type: 'variables' }
  | { readonly type: 'table'; readonly keys: KeySpecs }
  | { readonly type: 'tables'; readonly keys: KeySpecs };

/** One key of the format (CONTRACTS §4). */
export interface KeySpec {
  /** For the reference and for editors, in Markdown; without a period at its end. */
  readonly doc: string;
  readonly value: ValueSpec;
  readonly required?: true;
  readonly default?: {
    /** For the reference. */
    readonly text: string;
    /** The value in use where the key is absent, for the warning about a misspelt one. */
    readonly inUse: (manifest: Manifest) => string | number | boolean;
  };
}

export type KeySpecs = Readonly<Record<string, KeySpec>>;
type DefaultSpec = NonNullable<KeySpec['default']>;

/** Keys of a table, or of each table of an array; null: nothing has keys of the format here. */
export function keysOf(value: ValueSpec): KeySpecs | null {
  return value.type === 'table' || value.type === 'tables' ? value.keys : null;
}

/** The same whatever else is written. */
export function always(value: string | number | boolean): DefaultSpec {
  return { text: typeof value === 'string' ? `"${value}"` : String(value), inUse: () => value };
}

/** Depends on the rest of the manifest. */
export function follows(text: string, inUse: DefaultSpec['inUse']): DefaultSpec {
  return { text, inUse };
}
