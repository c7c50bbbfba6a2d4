import { SECRET_FILES, type SecretFiles } from '../runtimes/index.ts';
import type { GivenSecret, RunnerSpec } from './protocol.ts';
import { type Redactor, redacting } from './redact.ts';

/** What an app is given besides what its assignment says, and what hides it where the app's words are written down. */
export interface AppSecrets {
  /** The app's whole environment. A granted variable whose secret is not there is unset, whatever `[env]` says of it. */
  readonly env: Readonly<Record<string, string>>;
  readonly secretFiles: SecretFiles;
  readonly redactor: Redactor;
}

/**
 * Takes the values out of what came over the control socket. They stay in this process as long as the app lives: it may
 * need them again, and so does whoever looks for them in its log.
 *
 * @throws TypeError naming the secret that is no text and not of the kind `file`
 */
export function appSecretsOf({ env, grant, secrets = [] }: RunnerSpec): AppSecrets {
  const filled: Record<string, string> = { ...env };
  const secretFiles: Record<string, Uint8Array> = {};
  for (const { env_var } of grant?.secrets ?? []) delete filled[env_var];
  for (const secret of secrets) {
    const { name, env_var, kind, value } = secret;
    filled[env_var] = kind === 'file' ? `${SECRET_FILES}/${name}` : textOf(secret);
    if (kind === 'file') secretFiles[name] = Buffer.from(value, 'base64');
  }
  return { env: filled, secretFiles, redactor: redacting(secrets) };
}

function textOf({ name, value }: GivenSecret): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
  } catch {
    throw new TypeError(`the secret ${name} is not text: register it as the kind \`file\``);
  }
}
