import type { BuildFailure, Location, Message } from 'esbuild';
import { builderError } from '../errors.ts';

/** Is this the bundler's word that the main module has no default export where one is imported? */
export function lacksDefaultExport(error: unknown): boolean {
  const text = isBuildFailure(error) ? error.errors[0]?.text : undefined;
  return text !== undefined && /^No matching export in .* for import "default"$/.test(text);
}

/** Better words than the bundler's, where a kind has some; null: its own are good. */
export type Reword = (message: Message) => { readonly text: string; readonly hint: string } | null;

/** What the bundler found wrong in the app, with file, line, column, the line itself and what to do; null for any other error. */
export function bundleError(error: unknown, reword: Reword = () => null): Error | null {
  if (!isBuildFailure(error)) return null;
  const [first] = error.errors;
  if (first === undefined) return new Error('the bundler failed without a message');
  const worded = (message: Message): Message => ({ ...message, text: reword(message)?.text ?? message.text });
  const lines = error.errors.slice(0, 10).map((message) => formatMessage(worded(message)));
  if (error.errors.length > lines.length) lines.push(`and ${error.errors.length - lines.length} more`);
  const frame = codeFrame(first.location);
  const why = [
    ...(frame === null ? [] : [frame]),
    ...(lines.length > 1 ? [`further errors:\n${lines.slice(1).join('\n')}`] : []),
  ];
  return builderError('build_failed', {
    what: lines[0] ?? first.text,
    ...(why.length > 0 ? { why: why.join('\n\n') } : {}),
    hint: reword(first)?.hint ?? hintFor(first),
  });
}

/** Characters of a line of source that are shown. */
const MAX_LINE = 160;

/** The line, and what of it is meant; null where that says nothing. */
function codeFrame(location: Location | null): string | null {
  if (location === null || location.lineText.trim() === '' || location.lineText.length > MAX_LINE)
    return null;
  const gutter = `${location.line} | `;
  const text = location.lineText.replaceAll('\t', ' ');
  const caret = '^'.repeat(Math.max(1, Math.min(location.length, text.length - location.column)));
  return `${gutter}${text}\n${' '.repeat(gutter.length + location.column)}${caret}`;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** What the bundler has doubts about, each with its place; of packages it says nothing, since an app's author can change nothing there. */
export function warningTexts(messages: readonly Message[], reword: Reword = () => null): string[] {
  return messages.map((message) => {
    const better = reword(message);
    return formatMessage(better === null ? message : { ...message, text: `${better.text}. ${better.hint}` });
  });
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
