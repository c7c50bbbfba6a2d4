import { isDeepStrictEqual } from 'node:util';
import { parse as parseForPatch, patch } from '@decimalturn/toml-patch';
import { parse, TomlError } from 'smol-toml';
import { messageOf } from '../../kit/index.ts';
import { appError } from '../errors.ts';
import { canonicalAppId } from '../identity/app-id.ts';
import { isTable } from './manifest-reader.ts';
import { tableHeaderLine } from './toml-positions.ts';

/**
 * Puts an app's id into the manifest as `[app].id`, in place of one that is there; comments, order and formatting of
 * everything else stay.
 *
 * @returns the text itself when it holds the id already
 * @throws manifest_invalid when the text is no TOML or `app` is no table
 * @throws app_id_invalid
 */
export function stampAppId(text: string, id: string): string {
  const appId = canonicalAppId(id);
  const before = readToml(text);
  const { app = {} } = before;
  if (!isTable(app)) throw invalid('`app` must be a table');
  if (app.id === appId) return text;

  const stamped = (app.id === undefined ? belowHeader(text, appId) : null) ?? patched(text, appId);

  // The stamped text goes to the office as the app's source, so it is read again before it is believed.
  const expected = { ...before, app: { ...app, id: appId } };
  if (!isDeepStrictEqual(plain(readToml(stamped)), plain(expected))) {
    throw invalid('the id cannot be inserted without changing something else');
  }
  return stamped;
}

/**
 * The id as the first line below `[app]`; null when there is no such header. toml-patch would put it at the table's
 * end, which is below the comment that belongs to the next table.
 */
function belowHeader(text: string, appId: string): string | null {
  const header = tableHeaderLine(text, 'app');
  if (header === null) return null;
  const lines = text.split('\n');
  const end = lines[header - 1]?.endsWith('\r') ? '\r' : '';
  return lines.toSpliced(header, 0, `id = "${appId}"${end}`).join('\n');
}

/** Everything else: an id that is there is replaced, a dotted key, inline table or new table written by toml-patch. */
function patched(text: string, appId: string): string {
  const source = hasMixedLineEnds(text) ? text.replaceAll('\r\n', '\n') : text;
  try {
    const document = parseForPatch(source);
    return patch(source, { ...document, app: { ...document.app, id: appId } });
  } catch (error) {
    throw invalid(messageOf(error), error);
  }
}

function readToml(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text, { unsafeKeyBehaviour: 'throw' });
  } catch (error) {
    if (error instanceof TomlError) throw invalid(`line ${error.line} is no TOML`, error);
    throw error;
  }
}

function hasMixedLineEnds(text: string): boolean {
  return text.includes('\r\n') && /(?<!\r)\n/.test(text);
}

/** The same data without prototypes, which differ between parsed and copied tables. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

function invalid(why: string, cause?: unknown) {
  return appError('manifest_invalid', {
    what: 'The app id cannot be written into the manifest',
    why,
    hint: 'Run `tcli validate` and mend what it names.',
    cause,
  });
}
