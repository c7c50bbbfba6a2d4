/**
 * A path of the manifest that must stay inside the app's folder, in its plain form (`./src/../main.ts` → `main.ts`).
 *
 * @returns null when it is absolute, leaves the folder, names the folder itself or holds what no portable path holds
 */
export function pathInsideFolder(path: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (path === '' || path.startsWith('/') || /[\\\u0000-\u001f\u007f]|^[A-Za-z]:/.test(path)) return null;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.length === 0 ? null : parts.join('/');
}
