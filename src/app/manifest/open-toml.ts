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

/** Are there values more than `MAX_DEPTH` tables and arrays down? */
function isDeep(root: object): boolean {
  let level: readonly object[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((each) =>
      Object.values(each).filter((value) => typeof value === 'object' && value !== null),
    );
  }
  return false;
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
    // a key with many dots is one to the parser, and to whoever looks for its place as many as it has parts, each with all before it
    if (isDeep(root))
      return refused(1, 1, `${what} has keys with more than ${MAX_DEPTH} parts`, 'shorten them');
    return { root, findings: collectFindings(file, tomlPositions(text)) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '');
    const hint = 'the syntax is described at https://toml.io';
    return refused(error.line, error.column, `not valid TOML: ${reason}`, hint);
  }
}
