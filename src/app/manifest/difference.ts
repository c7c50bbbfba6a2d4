import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { keyName } from './key-path.ts';
import { isTable } from './manifest-reader.ts';

/** A key whose value is another one now; undefined: it is not written. */
export interface KeyChange {
  /** E.g. `runtime.memory_mb`; of an array of tables the whole of it, e.g. `deploy`. */
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Something that an app may reach, as its manifest names it. */
export interface NamedCapability {
  /** `subscribe_segments`, `emit_segments`, `http_allow_list`, `actions` or `secrets`. */
  readonly kind: string;
  readonly value: string;
}

/** What is written otherwise in a later manifest. */
export interface ManifestDifference {
  /** In the order of their names. */
  readonly keys: readonly KeyChange[];
  /** What the app may ask for now and could not before, and the other way round. */
  readonly capabilities: {
    readonly added: readonly NamedCapability[];
    readonly removed: readonly NamedCapability[];
  };
}

const CAPABILITIES = ['subscribe_segments', 'emit_segments', 'http_allow_list', 'actions'];

/**
 * Compares two manifests as they are written. Comments, order and formatting do not count, nor does the id, which `tcli push`
 * writes.
 *
 * @param before null: there was none
 * @throws TomlError for a text that is none
 */
export function manifestDifference(before: string | null, after: string): ManifestDifference {
  const [old, young] = [before === null ? {} : parse(before), parse(after)];
  const [was, is] = [flattened(old), flattened(young)];
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((key) => key !== 'app.id').sort();
  const keys = names
    .map((key) => ({ key, before: was.get(key), after: is.get(key) }))
    .filter((change) => !isDeepStrictEqual(plain(change.before), plain(change.after)));
  const [had, has] = [capabilitiesOf(old), capabilitiesOf(young)];
  const without = (some: readonly NamedCapability[], others: readonly NamedCapability[]) =>
    some.filter((each) => !others.some((other) => isDeepStrictEqual(each, other)));
  return { keys, capabilities: { added: without(has, had), removed: without(had, has) } };
}

/** Every value by the name of its key; arrays are values. */
function flattened(table: unknown, path: readonly string[] = []): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (!isTable(table)) return found;
  for (const [name, value] of Object.entries(table)) {
    const here = [...path, name];
    if (isTable(value)) for (const [key, inner] of flattened(value, here)) found.set(key, inner);
    else found.set(keyName(here), value);
  }
  return found;
}

function capabilitiesOf(root: unknown): readonly NamedCapability[] {
  const { capabilities, secrets } = isTable(root) ? root : {};
  const listed = CAPABILITIES.flatMap((kind) =>
    textsOf(isTable(capabilities) ? capabilities[kind] : undefined).map((value) => ({ kind, value })),
  );
  const named = (Array.isArray(secrets) ? secrets : []).flatMap((secret) =>
    isTable(secret) && typeof secret.name === 'string' ? [{ kind: 'secrets', value: secret.name }] : [],
  );
  return [...listed, ...named];
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Without the prototypes and dates of the parser, which differ between equal values. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
