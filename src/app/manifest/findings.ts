import { type KeyPath, keyName } from './key-path.ts';
import type { Diagnostic } from './model.ts';
import type { TomlPositions } from './toml-positions.ts';

/** Gathers what is found about one manifest, each finding at its line and column. */
export interface Findings {
  /** At the key: it should not be there, or something is missing from it. */
  atKey(severity: Diagnostic['severity'], path: KeyPath, message: string, hint: string | null): void;
  /** An error at the value. */
  atValue(path: KeyPath, message: string, hint: string | null): void;
  /** In the order of the text. */
  list(): readonly Diagnostic[];
}

export function collectFindings(file: string, positions: TomlPositions): Findings {
  const found: Diagnostic[] = [];
  return {
    atKey: (severity, path, message, hint) =>
      void found.push({ severity, file, ...positions.key(path), message, hint }),
    atValue: (path, message, hint) =>
      void found.push({ severity: 'error', file, ...positions.value(path), message, hint }),
    list: () => found.toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}

/** A value as it is quoted in a finding; long ones are cut. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `` `runtime.entry` `` */
export function named(path: KeyPath): string {
  return `\`${keyName(path)}\``;
}
