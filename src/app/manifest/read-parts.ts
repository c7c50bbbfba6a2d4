import { isUuid } from '../../kit/index.ts';
import { type Findings, named, quoted } from './findings.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { DeclaredSecret, DeployTarget } from './model.ts';
import { secretNameOf } from './secret-reference.ts';
import { RUNTIME_KINDS } from './values.ts';

/** POSIX: letters, digits and underscores, not beginning with a digit. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SECRET_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** `[app].id` in lower case. */
export function readAppId(reader: ManifestReader, findings: Findings): string | null {
  const path = ['app', 'id'];
  const id = reader.text(path);
  if (id === null || isUuid(id)) return id?.toLowerCase() ?? null;
  findings.atValue(path, `\`app.id\` is no UUID: ${quoted(id)}`, 'remove it; `tcli push` writes it');
  return null;
}

/** A table of environment variables; values that are no text are errors. */
export function readEnv(
  reader: ManifestReader,
  findings: Findings,
  path: KeyPath,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of reader.keys(path)) {
    const here = [...path, name];
    if (!ENV_NAME.test(name)) {
      const hint = 'use letters, digits and underscores, not beginning with a digit';
      findings.atKey('error', here, `${named(here)} is no name of an environment variable`, hint);
      continue;
    }
    const value = reader.text(here);
    if (value === null) continue;
    if (value.includes('\0')) findings.atValue(here, `${named(here)} holds a NUL character`, 'remove it');
    const secret = secretNameOf(value);
    if (secret !== null) checkSecretName(findings, here, secret);
    env[name] = value;
  }
  return env;
}

/** `[[deploy]]`. */
export function readDeployTargets(reader: ManifestReader, findings: Findings): readonly DeployTarget[] {
  return reader.tables(['deploy']).map((path) => ({
    supervisor: required(reader, findings, [...path, 'supervisor']),
    runtime: reader.oneOf([...path, 'runtime'], RUNTIME_KINDS),
    env: readEnv(reader, findings, [...path, 'env']),
  }));
}

/** `[[secrets]]`. A secret with `inject = false` reaches no environment: its `envVar` is empty. */
export function readSecrets(reader: ManifestReader, findings: Findings): readonly DeclaredSecret[] {
  return reader.tables(['secrets']).map((path) => {
    const name = required(reader, findings, [...path, 'name']);
    if (name !== '') checkSecretName(findings, [...path, 'name'], name);
    const injected = reader.boolean([...path, 'inject']) ?? true;
    const variable: KeyPath = [...path, 'env_var'];
    const envVar = injected ? required(reader, findings, variable) : (reader.text(variable) ?? '');
    if (envVar !== '' && !ENV_NAME.test(envVar)) {
      findings.atValue(
        variable,
        `${quoted(envVar)} is no name of an environment variable`,
        'write e.g. env_var = "API_KEY"',
      );
    }
    return { name, envVar, required: reader.boolean([...path, 'required']) ?? true };
  });
}

function required(reader: ManifestReader, findings: Findings, path: KeyPath): string {
  const text = reader.text(path);
  if (text === '' || !reader.has(path)) {
    findings.atKey('error', path, `${named(path)} is missing`, `add ${path.at(-1)} = "…"`);
  }
  return text ?? '';
}

/** Secrets below `platform/` are the office's own credentials, which no manifest may name (CONTRACTS §10). */
function checkSecretName(findings: Findings, path: KeyPath, name: string): void {
  if (SECRET_NAME.test(name)) return;
  const hint = name.startsWith('platform/')
    ? 'secrets below `platform/` belong to the office'
    : 'use letters, digits, `_`, `.` and `-`';
  findings.atValue(path, `${quoted(name)} cannot be the name of an app's secret`, hint);
}
