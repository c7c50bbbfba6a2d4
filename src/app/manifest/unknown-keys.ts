import { distance } from 'fastest-levenshtein';
import { type Findings, named } from './findings.ts';
import { FORMAT } from './format.ts';
import type { KeyPath } from './key-path.ts';
import { type KeySpecs, keysOf } from './key-spec.ts';
import { isTable } from './manifest-reader.ts';
import type { Manifest } from './model.ts';

/**
 * Warns about every key that the format does not know, with the nearest one that it does and what is in use without it:
 * ``unknown key `runtime.lifcycle`; did you mean `lifecycle`? (using default on_request)`` (CONTRACTS §4).
 * An unknown table is one finding, whatever is in it.
 *
 * @param manifest what the text was read as
 * @param format what is known
 */
export function warnUnknownKeys(
  root: unknown,
  manifest: Manifest,
  findings: Findings,
  format: KeySpecs = FORMAT,
): void {
  visit(root, [], format, (name, path, known, table) => {
    const hint = suggestion(name, known, table, FORMAT, manifest) ?? 'it is ignored';
    findings.atKey('warning', path, `unknown key ${named(path)}`, hint);
  });
}

/** The same for a format in which an unknown key is an error. */
export function refuseUnknownKeys(root: unknown, findings: Findings, format: KeySpecs): void {
  visit(root, [], format, (name, path, known, table) => {
    const hint =
      suggestion(name, known, table, format, null) ?? `known here: ${Object.keys(known).join(', ')}`;
    findings.atKey('error', path, `unknown key ${named(path)}`, hint);
  });
}

type Table = Readonly<Record<string, unknown>>;
type Report = (name: string, path: KeyPath, known: KeySpecs, table: Table) => void;

function visit(table: unknown, path: KeyPath, known: KeySpecs, report: Report): void {
  if (Array.isArray(table)) {
    table.forEach((element, index) => {
      visit(element, [...path, index], known, report);
    });
    return;
  }
  if (!isTable(table)) return; // the reader says what is wrong with it
  for (const [name, value] of Object.entries(table)) {
    const here = [...path, name];
    const entry = Object.hasOwn(known, name) ? known[name] : undefined;
    const keys = entry && keysOf(entry.value);
    if (keys) visit(value, here, keys, report);
    if (!entry) report(name, here, known, table);
  }
}

function suggestion(
  name: string,
  known: KeySpecs,
  table: Table,
  format: KeySpecs,
  manifest: Manifest | null,
): string | null {
  const here = nearest(name, Object.keys(known));
  if (here === null) {
    const elsewhere = inAnotherTable(name, format);
    return elsewhere === null ? null : `did you mean \`${elsewhere}\`?`;
  }
  const inUse =
    manifest === null || Object.hasOwn(table, here) ? undefined : known[here]?.default?.inUse(manifest);
  const using = inUse === undefined ? '' : ` (using default ${inUse})`;
  return `did you mean \`${here}\`?${using}`;
}

/** The known name that a misspelt one most probably stands for; null when none is near. */
function nearest(name: string, candidates: readonly string[]): string | null {
  const wanted = snakeCase(name);
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  // A third of the letters wrong is still a typo, more is another word …
  if (best && best.edits <= Math.max(1, Math.round(Math.max(wanted.length, best.candidate.length) / 3))) {
    return best.candidate;
  }
  // … unless the one is a part of the other: `memory` for `memory_mb`.
  const contains = (candidate: string) => candidate.includes(wanted) || wanted.includes(candidate);
  return wanted.length < 3 ? null : (ranked.find(({ candidate }) => contains(candidate))?.candidate ?? null);
}

function inAnotherTable(name: string, format: KeySpecs): string | null {
  const wanted = snakeCase(name);
  for (const [table, entry] of Object.entries(format)) {
    const keys = keysOf(entry.value);
    if (keys && Object.hasOwn(keys, wanted)) return `${table}.${wanted}`;
  }
  return null;
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}
