import { type Findings, named } from '../findings.ts';
import type { KeyPath } from '../key-path.ts';
import { isTable, manifestReader } from '../manifest-reader.ts';
import type { Manifest } from '../model.ts';
import { readManifest } from '../read-manifest.ts';
import { warnUnknownKeys } from '../unknown-keys.ts';
import { LEGACY_FORMAT, LEGACY_PLACES, LEGACY_UNUSED } from './format.ts';

type Table = Readonly<Record<string, unknown>>;

/**
 * Reads the older `manifest.toml`: its keys are put where `tabbify.toml` has them, and what is found is told by the names that
 * stand in the file.
 */
export function readLegacyManifest(root: Table, findings: Findings): Manifest {
  const inFile = namedAsWritten(findings);
  requireMode(root, findings);
  for (const path of LEGACY_UNUSED) {
    if (valueAt(root, path) === undefined) continue;
    findings.atKey('warning', path, `${named(path)} has no effect in this version`, 'remove it');
  }
  const manifest = readManifest(manifestReader(unified(root), inFile), inFile, false);
  warnUnknownKeys(root, manifest, findings, LEGACY_FORMAT);
  return manifest;
}

/** The same manifest as `tabbify.toml` would say it. */
function unified(root: Table): Table {
  const app = tableIn(root, 'app');
  const runtime = tableIn(root, 'runtime');
  const lifecycle = tableIn(root, 'lifecycle');
  const type = runtime.type ?? 'wasm-http';
  const isImage = runtime.registry_ref !== undefined;
  return {
    app: isTable(root.app) ? only(app, ['id', 'name', 'description']) : root.app,
    ...(!isImage && { build: { kind: type === 'wasm-http' ? 'wasm' : 'docker' } }),
    runtime: isTable(root.runtime ?? {})
      ? {
          ...only(runtime, ['vcpus', 'port', 'stateful']),
          ...(type === 'wasm-http' && only(runtime, ['entry', 'fuel_per_request'])),
          type,
          memory_mb: runtime.memory_mb ?? 64,
          ...renamed(lifecycle, { mode: 'lifecycle', idle_timeout_sec: 'idle_timeout_sec' }),
          ...renamed(runtime, { registry_ref: 'image' }),
        }
      : root.runtime,
  };
}

/** In the older format it has no default. */
function requireMode(root: Table, findings: Findings): void {
  const path = ['lifecycle', 'mode'];
  if (valueAt(root, path) === undefined) {
    findings.atKey('error', path, '`lifecycle.mode` is missing', 'add mode = "on_request" below [lifecycle]');
  }
}

function namedAsWritten(findings: Findings): Findings {
  const place = (path: KeyPath): KeyPath =>
    LEGACY_PLACES.find(([now]) => now.every((part, index) => path[index] === part))?.[1] ?? path;
  const words = (text: string): string =>
    LEGACY_PLACES.reduce((said, [now, before]) => said.replaceAll(named(now), named(before)), text);
  const said = (text: string | null): string | null => (text === null ? null : words(text));
  return {
    atKey: (severity, path, message, hint) =>
      findings.atKey(severity, place(path), words(message), said(hint)),
    atValue: (path, message, hint) => findings.atValue(place(path), words(message), said(hint)),
    list: () => findings.list(),
  };
}

function tableIn(root: Table, name: string): Table {
  const value = root[name];
  return isTable(value) ? value : {};
}

function only(table: Table, names: readonly string[]): Table {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(table, name)).map((name) => [name, table[name]]),
  );
}

function renamed(table: Table, names: Readonly<Record<string, string>>): Table {
  return Object.fromEntries(
    Object.entries(names)
      .filter(([before]) => Object.hasOwn(table, before))
      .map(([before, now]) => [now, table[before]]),
  );
}

function valueAt(root: Table, [table, key]: readonly string[]): unknown {
  return table === undefined || key === undefined ? undefined : tableIn(root, table)[key];
}
