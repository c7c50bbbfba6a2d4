import type { Findings } from './findings.ts';
import { pathInsideFolder } from './folder-path.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';

/** A path inside the app's folder; null when it is absent or none (which has been reported). */
export function readPath(reader: ManifestReader, findings: Findings, path: KeyPath): string | null {
  const text = reader.text(path);
  if (text === null) return null;
  const inside = pathInsideFolder(text);
  if (inside === null) {
    const what = `\`${path.join('.')}\` must be a path inside the app's folder, not ${JSON.stringify(text.slice(0, 80))}`;
    findings.atValue(path, what, 'write a path relative to the manifest, without leading `/` or `..`');
  }
  return inside;
}
