import { SECRET_KINDS, type SecretKind } from '../app/index.ts';
import { secretsError } from './errors.ts';

/** Bytes of a value: the largest variable that Linux hands to a program has 128 KiB, name included. */
export const MAX_VALUE_BYTES = 64 * 1024;
/** Secrets of one office; all of them are known in memory, by name. */
const MAX_SECRETS = 1_000;

/** Secrets below this belong to the office itself; no manifest may name them (CONTRACTS §10). */
export const PLATFORM = 'platform/';
/** What a manifest may name, in at most 128 characters, so that it can be the name of a file everywhere. */
const NAME = /^(?:platform\/)?[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const TENANT = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** @throws secret_invalid */
export function checkName(tenant: string, name: string): void {
  if (!TENANT.test(tenant)) throw invalid('There is no office of this name', 'it is not a slug');
  if (NAME.test(name)) return;
  throw invalid(
    'This cannot be the name of a secret',
    'a name has 1 to 128 letters, digits, `_`, `.` and `-`, and begins with a letter or a digit',
    'For example anthropic_api_key; names of the platform itself begin with `platform/`',
  );
}

/** @throws secret_invalid */
export function checkKind(kind: string): asserts kind is SecretKind {
  if ((SECRET_KINDS as readonly string[]).includes(kind)) return;
  // Not repeated: whoever mixed up the arguments has put the value here.
  throw invalid(
    'The secret has no kind that there is',
    'the kind is none of those below',
    `There are ${SECRET_KINDS.join(', ')}`,
  );
}

/** What has no kind of `file` reaches apps as text. @throws secret_invalid */
export function checkValue(kind: SecretKind, value: Uint8Array): void {
  if (value.length === 0) {
    throw invalid('The secret has no value', 'it is empty', 'Pipe the value in, or type it when asked');
  }
  if (value.length > MAX_VALUE_BYTES) {
    throw invalid(
      'The secret is too large',
      `it has ${value.length} bytes, and may have ${MAX_VALUE_BYTES}`,
      'Keep what is large in the app’s own data, sealed, and only its key here',
    );
  }
  if (kind === 'file' || (isText(value) && !value.includes(0))) return;
  throw invalid(
    `A secret of the kind ${kind} is text`,
    value.includes(0) ? 'this one holds a NUL byte' : 'this one is not UTF-8',
    'Register what is not text as the kind `file`',
  );
}

/** @throws secrets_full */
export function checkRoom(count: number): void {
  if (count < MAX_SECRETS) return;
  throw secretsError('secrets_full', {
    what: 'The secret was not registered',
    why: `the office has ${count} of them, and may have ${MAX_SECRETS}`,
    hint: 'Delete those that nothing uses: `tabbify secrets list`',
  });
}

function isText(value: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
    return true;
  } catch {
    return false;
  }
}

function invalid(what: string, why: string, hint?: string) {
  return secretsError('secret_invalid', { what, why, ...(hint === undefined ? {} : { hint }) });
}
