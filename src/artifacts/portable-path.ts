/** File systems hold 255 bytes of a name; the whole leaves room for the prefix of a version (S3: 1,024 bytes a key). */
const MAX_PART_BYTES = 255;
const MAX_PATH_BYTES = 512;
const MAX_DEPTH = 32;

/**
 * Why a relative, `/`-separated path of a file cannot be part of an artifact; null when it can.
 * What passes names the same file on every machine, below the folder it is joined to.
 */
export function pathFault(path: string): string | null {
  if (path === '') return 'the name is empty';
  if (path.startsWith('/')) return 'the path is absolute';
  if (path.includes('\\')) return 'the name holds a backslash';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return 'the name holds a control character';
  if (path.includes('\ufffd') || !path.isWellFormed()) return 'the name is no UTF-8 text';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `the path is longer than ${MAX_PATH_BYTES} bytes`;
  const parts = path.split('/');
  if (parts.length > MAX_DEPTH) return `the path is deeper than ${MAX_DEPTH} folders`;
  for (const part of parts) {
    if (part === '') return 'the path has an empty part';
    if (part === '.' || part === '..') return `the path has the part \`${part}\``;
    if (Buffer.byteLength(part) > MAX_PART_BYTES) return `a name is longer than ${MAX_PART_BYTES} bytes`;
  }
  return null;
}

/** Names of devices on Windows, with any ending (Microsoft, "Naming Files, Paths, and Namespaces"). */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * As `pathFault`, and why a path would be another one on Windows, or none: for what is published from now on. What was published before
 * may have such names.
 */
export function publishFault(path: string): string | null {
  const fault = pathFault(path);
  if (fault !== null) return fault;
  for (const part of path.split('/')) {
    if (/[. ]$/.test(part)) return 'a name ends with a dot or a blank, which Windows leaves out';
    if (part.includes(':')) return 'a name holds a colon, which Windows takes for something else';
    if (DEVICE.test(part)) return `\`${part}\` is a device on Windows`;
  }
  return null;
}

/** Refuses a second entry that would be the same file, on this machine or on one whose names ignore case. */
export interface NameGuard {
  /** Takes in a path; the reason to refuse it, or null. A folder may come up again in the same spelling, a file may not. */
  add(path: string, kind: 'file' | 'folder'): string | null;
}

export function nameGuard(): NameGuard {
  const seen = new Map<string, { readonly spelling: string; readonly kind: 'file' | 'folder' }>();
  const take = (path: string, kind: 'file' | 'folder'): string | null => {
    const folded = path.normalize('NFC').toLowerCase();
    const before = seen.get(folded);
    if (before === undefined) {
      seen.set(folded, { spelling: path, kind });
      return null;
    }
    if (before.spelling !== path) return `it differs from \`${before.spelling}\` only in case or accents`;
    if (before.kind !== kind) return 'it is a file and a folder';
    return kind === 'file' ? 'it comes up twice' : null;
  };
  return {
    add(path, kind) {
      const parts = path.split('/');
      for (let length = 1; length < parts.length; length++) {
        const fault = take(parts.slice(0, length).join('/'), 'folder');
        if (fault !== null) return fault;
      }
      return take(path, kind);
    },
  };
}

/** Order of UTF-8 bytes, in which S3 lists keys too. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A name for an error text: quoted, so that no control character reaches a terminal, and cut. */
export function quotedName(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 117)}...` : name);
}
