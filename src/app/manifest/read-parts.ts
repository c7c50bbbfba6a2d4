import { isUuid } from '../../kit/index.ts';
import { type Findings, named, quoted } from './findings.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { DeclaredSecret, DeployTarget } from './model.ts';
import { readHosts } from './read-capabilities.ts';
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
    if (name.startsWith('TABBIFY_')) {
      const what = `${named(here)} has no effect: variables that begin with TABBIFY_ are the platform's`;
      findings.atKey('warning', here, what, 'choose another name');
    }
    if (value.includes('\0')) findings.atValue(here, `${named(here)} holds a NUL character`, 'remove it');
    const secret = secretNameOf(value);
    if (secret !== null) checkSecretName(findings, here, secret);
    env[name] = value;
  }
  return env;
}

/** `[[deploy]]`. */
export function readDeployTargets(reader: ManifestReader, findings: Findings): readonly DeployTarget[] {
  const named = new Set<string>();
  return reader.tables(['deploy']).map((path) => {
    const supervisor = required(reader, findings, [...path, 'supervisor']);
    if (supervisor !== '' && named.has(supervisor)) {
      const what = `there is another target on ${quoted(supervisor)}`;
      findings.atValue([...path, 'supervisor'], what, 'name each supervisor once');
    }
    named.add(supervisor);
    return {
      supervisor,
      runtime: reader.oneOf([...path, 'runtime'], RUNTIME_KINDS),
      env: readEnv(reader, findings, [...path, 'env']),
    };
  });
}

/** `[[secrets]]`. A secret with `inject = false` reaches no environment: its `envVar` is empty. @param env `[env]` */
export function readSecrets(
  reader: ManifestReader,
  findings: Findings,
  env: Readonly<Record<string, string>>,
): readonly DeclaredSecret[] {
  const names = new Set<string>();
  const variables = new Set<string>();
  return reader.tables(['secrets']).map((path) => {
    const name = required(reader, findings, [...path, 'name']);
    if (name !== '') checkSecretName(findings, [...path, 'name'], name);
    if (name !== '' && names.has(name)) {
      findings.atValue([...path, 'name'], `the secret ${quoted(name)} is declared twice`, 'remove one');
    }
    names.add(name);
    if (reader.has([...path, 'value'])) {
      const what = 'the value of a secret never stands in a manifest';
      findings.atKey('error', [...path, 'value'], what, 'remove it, and take the value for known to others');
    }
    const inject = reader.boolean([...path, 'inject']) ?? true;
    const envVar = readVariable(reader, findings, [...path, 'env_var'], inject);
    if (envVar !== '' && (variables.has(envVar) || Object.hasOwn(env, envVar))) {
      const other = variables.has(envVar) ? 'another secret' : '`[env]`';
      findings.atValue(
        [...path, 'env_var'],
        `the variable ${envVar} is set by ${other} too`,
        'choose another one',
      );
    }
    variables.add(envVar);
    return {
      name,
      envVar,
      required: reader.boolean([...path, 'required']) ?? true,
      inject,
      hosts: readSecretHosts(reader, findings, path, inject),
    };
  });
}

function readVariable(reader: ManifestReader, findings: Findings, path: KeyPath, inject: boolean): string {
  if (!inject) {
    const what = '`secrets.env_var` contradicts `inject = false`: the app never gets this secret';
    if (reader.has(path)) findings.atKey('error', path, what, 'remove one of the two');
    return '';
  }
  const envVar = required(reader, findings, path);
  if (envVar === '' || ENV_NAME.test(envVar)) return envVar;
  const what = `${quoted(envVar)} is no name of an environment variable`;
  findings.atValue(path, what, 'write e.g. env_var = "API_KEY"');
  return envVar;
}

function readSecretHosts(
  reader: ManifestReader,
  findings: Findings,
  secret: KeyPath,
  inject: boolean,
): readonly string[] {
  const path = [...secret, 'hosts'];
  const hosts = readHosts(reader, findings, path);
  if (!inject && !reader.has(path)) {
    const what = 'a secret with `inject = false` is used for no host';
    findings.atKey('error', [...secret, 'inject'], what, 'add e.g. hosts = ["api.stripe.com"]');
  }
  if (inject && reader.has(path)) {
    const what = '`secrets.hosts` has no effect: the app gets this secret and may send it anywhere';
    findings.atKey('warning', path, what, 'add `inject = false`, or remove it');
  }
  return hosts;
}

/** A text that must be there. @returns empty when it is missing, which has been reported */
export function required(reader: ManifestReader, findings: Findings, path: KeyPath): string {
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
