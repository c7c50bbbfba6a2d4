import type { Diagnostic } from './model.ts';

/** What `--strict` means: every warning is an error. */
export function strictDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map((diagnostic) => ({ ...diagnostic, severity: 'error' }));
}

/**
 * A diagnostic for a person: place, what and hint, then the line with a caret below the column.
 *
 *     tabbify.toml:6:1: warning: unknown key `runtime.lifcycle`; did you mean `lifecycle`? (using default on_request)
 *       6 | lifcycle = "always_on"
 *         | ^
 */
export function formatDiagnostic(diagnostic: Diagnostic, sourceText: string): string {
  const { file, line, column, severity, message, hint } = diagnostic;
  const said = hint === null ? message : `${message}; ${hint}`;
  const head = `${file}:${line}:${column}: ${severity}: ${printable(said)}`;
  const source = sourceText.split(/\r?\n/)[line - 1];
  if (source === undefined) return head;
  const gutter = ' '.repeat(String(line).length);
  // Tabs are kept before the caret, so that it stands below its character however wide they are shown.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${head}\n  ${line} | ${printable(source)}\n  ${gutter} | ${indent}^`;
}

/** Control characters would reach the reader's terminal as commands. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '\ufffd');
}
