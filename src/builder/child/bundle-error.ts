import type { BuildFailure, Message } from 'esbuild';
import { builderError } from '../errors.ts';

/** Is this the bundler's word that the main module has no default export where one is imported? */
export function lacksDefaultExport(error: unknown): boolean {
  const text = isBuildFailure(error) ? error.errors[0]?.text : undefined;
  return text !== undefined && /^No matching export in .* for import "default"$/.test(text);
}

/** What the bundler found wrong in the app, with file, line, column and what to do; null for any other error. */
export function bundleError(error: unknown): Error | null {
  if (!isBuildFailure(error)) return null;
  const [first] = error.errors;
  if (first === undefined) return new Error('the bundler failed without a message');
  const lines = error.errors.slice(0, 10).map(formatMessage);
  if (error.errors.length > lines.length) lines.push(`and ${error.errors.length - lines.length} more`);
  return builderError('build_failed', {
    what: lines[0] ?? first.text,
    ...(lines.length > 1 ? { why: `further errors:\n${lines.slice(1).join('\n')}` } : {}),
    hint: hintFor(first),
  });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** What the bundler has doubts about, each with its place; of packages it says nothing, since an app's author can change nothing there. */
export function warningTexts(messages: readonly Message[]): string[] {
  return messages.map(formatMessage);
}

/** `src/index.ts:3:14: Could not resolve "./x"`; line and column count from 1. */
function formatMessage({ text, location }: Message): string {
  if (location === null) return text;
  return `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}

function hintFor(message: Message): string {
  if (message.pluginName !== '') return message.notes[0]?.text ?? 'Change the import.';
  const unresolved = /^Could not resolve "([^./][^"]*)"/.exec(message.text);
  if (unresolved) {
    return `Add it to "dependencies" (\`npm install ${unresolved[1]}\`) and commit package-lock.json; packages under "devDependencies" are not installed.`;
  }
  if (message.text.startsWith('Could not resolve'))
    return 'Check the path; it is relative to the importing file.';
  return 'Correct the source at that place.';
}
