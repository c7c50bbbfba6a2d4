import { parse, TomlError } from 'smol-toml';
import { collectFindings, type Findings } from './findings.ts';
import type { Diagnostic } from './model.ts';
import { tomlPositions } from './toml-positions.ts';

/** How often arrays and inline tables may stand inside one another. */
const MAX_DEPTH = 32;

/** A text that is TOML, with a place for what is found in it. */
export interface OpenedToml {
  readonly root: Readonly<Record<string, unknown>>;
  readonly findings: Findings;
}

export interface OpenTomlOptions {
  /** Name of the file, for diagnostics. */
  readonly file: string;
  /** What it is, for a person, e.g. `the manifest`. */
  readonly what: string;
  /** Characters. */
  readonly maxLength: number;
}

/** @returns the one error that keeps the text from being read, or the text as it was read */
export function openToml(text: string, { file, what, maxLength }: OpenTomlOptions): OpenedToml | Diagnostic {
  const refused = (line: number, column: number, message: string, hint: string): Diagnostic => {
    return { severity: 'error', file, line, column, message, hint };
  };
  if (text.length > maxLength) {
    return refused(1, 1, `${what} has ${text.length} characters`, `at most ${maxLength} are allowed`);
  }
  try {
    const root = parse(text, { unsafeKeyBehaviour: 'throw', maxDepth: MAX_DEPTH });
    return { root, findings: collectFindings(file, tomlPositions(text)) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '');
    const hint = 'the syntax is described at https://toml.io';
    return refused(error.line, error.column, `not valid TOML: ${reason}`, hint);
  }
}
