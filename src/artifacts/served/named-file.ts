/** What of a version's files a path asks for. */
export type Named =
  /** This file. @field path in the version */
  | { readonly kind: 'file'; readonly path: string }
  /** A folder with a page, asked for without the slash that relative links need. */
  | { readonly kind: 'folder' };

/** Names of files, as the version lists them. */
export interface Listed {
  has(path: string): boolean;
}

const INDEX = 'index.html';
/** Beside it everything that begins with a dot stays unserved: editors, tools and people keep there what is not for visitors. */
const WELL_KNOWN = '.well-known';

/**
 * The file that a path of a URL names: the very one; for `/dir/` its `index.html`; for `/about` also `about.html`. The
 * path is compared with the names that were published, letter by letter: there is no way up, out or around.
 *
 * @param folder of the version that is served
 * @param path of a request target, without its query, percent-encoded as it came
 * @returns null when it names none
 */
export function namedFile(files: Listed, folder: string, path: string): Named | null {
  const inside = decodedPath(path);
  if (inside === null || isHidden(inside)) return null;
  if (inside === '' || inside.endsWith('/')) return fileAt(files, `${folder}/${inside}${INDEX}`);
  const file = `${folder}/${inside}`;
  const found = fileAt(files, file) ?? fileAt(files, `${file}.html`);
  if (found !== null) return found;
  return files.has(`${file}/${INDEX}`) ? { kind: 'folder' } : null;
}

function fileAt(files: Listed, path: string): Named | null {
  return files.has(path) ? { kind: 'file', path } : null;
}

/** Without the slash it begins with; null when it can be no file's: an encoded slash is no folder, and bytes that are no text no name. */
function decodedPath(path: string): string | null {
  if (!path.includes('%')) return path.slice(1);
  if (/%2f|%5c|%00/i.test(path)) return null;
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return null;
  }
}

function isHidden(path: string): boolean {
  if (!path.startsWith('.') && !path.includes('/.')) return false;
  return path.split('/').some((part, index) => part.startsWith('.') && !(index === 0 && part === WELL_KNOWN));
}
