import { readLegacyManifest } from './legacy/read-legacy.ts';
import { manifestReader } from './manifest-reader.ts';
import type { Diagnostic, Manifest } from './model.ts';
import { openToml } from './open-toml.ts';
import { readManifest } from './read-manifest.ts';
import { warnUnknownKeys } from './unknown-keys.ts';

/** Name of the manifest in an app's folder. */
export const MANIFEST_FILE = 'tabbify.toml';

/** Name of the manifest of the older format; it loses to the other one when both are there (CONTRACTS §4). */
export const LEGACY_MANIFEST_FILE = 'manifest.toml';

/** Names of the manifest in an app's folder; the first one that is there counts. */
export const MANIFEST_FILES = [MANIFEST_FILE, LEGACY_MANIFEST_FILE] as const;

/** Characters; what a manifest says travels in events of at most 64 KiB (CONTRACTS §6). */
const MAX_MANIFEST_LENGTH = 32 * 1024;

export interface ParseOptions {
  /** Name of the file, for diagnostics; `manifest.toml` is read as the older format. */
  readonly file: string;
  /** A component (`runtime.entry`, by default `app.wasm`) lies in the folder; default false. */
  readonly hasComponent?: boolean;
}

export interface ParsedManifest {
  /** Null when there is at least one error. */
  readonly manifest: Manifest | null;
  /** Errors and warnings, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a `tabbify.toml`, or a `manifest.toml` of the older format (CONTRACTS §4), and fills in every default. Never throws: whatever is wrong is a diagnostic.
 *
 * @example
 * const { manifest, diagnostics } = parseManifest(text, { file: 'tabbify.toml' });
 */
export function parseManifest(text: string, options: ParseOptions): ParsedManifest {
  const opened = openToml(text, {
    file: options.file,
    what: 'the manifest',
    maxLength: MAX_MANIFEST_LENGTH,
  });
  if ('severity' in opened) return { manifest: null, diagnostics: [opened] };
  const { root, findings } = opened;
  const manifest = options.file === LEGACY_MANIFEST_FILE ? readLegacyManifest(root, findings) : read();
  const diagnostics = findings.list();
  return {
    manifest: diagnostics.some(({ severity }) => severity === 'error') ? null : manifest,
    diagnostics,
  };

  function read(): Manifest {
    const found = readManifest(manifestReader(root, findings), findings, options.hasComponent ?? false);
    warnUnknownKeys(root, found, findings);
    return found;
  }
}
