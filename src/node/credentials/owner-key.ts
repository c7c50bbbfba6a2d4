import { readFile } from 'node:fs/promises';
import { derivedId, type Logger, writeFileAtomic } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import type { LiveState } from '../live-state.ts';
import { OWNER_SCOPES } from './principal.ts';
import { isToken, newToken, tokenHash } from './token.ts';

/** Namespace of credential ids that follow from a name, so that issuing anew ends the token before. */
const NAMESPACE = '7b0f7f0e-1f0c-4c39-8a52-6f2a1d7c9b11';

/** Id of the credential that belongs to a name. */
export function credentialIdOf(kind: 'person' | 'supervisor', name: string): string {
  return derivedId(NAMESPACE, `${kind}/${name}`);
}

/**
 * Sees to it that the office has an owner credential and that its token lies in the key file (0600), where the CLI on
 * this machine finds it. A file without an event (new log, killed in between) is issued; a lost or unreadable token is
 * replaced, which ends the old one.
 */
export async function ensureOwnerKey(
  file: string,
  live: LiveState,
  commands: CommandQueue,
  logger: Logger,
): Promise<void> {
  let token = await readToken(file);
  if (token === null) {
    token = newToken();
    await writeFileAtomic(file, `${token}\n`, 0o600);
    logger.info({ file }, 'owner credential made');
  }
  if (live.office.credentials.has(tokenHash(token))) return;
  await commands.append(
    domainEvent(
      'credential_issued',
      {
        credential_id: credentialIdOf('person', 'owner'),
        kind: 'person',
        name: 'owner',
        scopes: [...OWNER_SCOPES],
        token_sha256: tokenHash(token),
      },
      { actor: 'system', source: '/node' },
    ),
  );
}

async function readToken(file: string): Promise<string | null> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return isToken(text) ? text : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
