import { readFile } from 'node:fs/promises';
import { type Logger, writeFileAtomic } from '../../kit/index.ts';
import { credentialByHash, domainEvent } from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import type { LiveState } from '../live-state.ts';
import { credentialIdOf } from './credential-id.ts';
import { FIRST_OFFICE, holdsOwnerRole } from './principal.ts';
import { ROLE_SCOPES } from './roles.ts';
import { isToken, newToken, tokenHash } from './token.ts';

/** Name of the person whose token lies in the key file. */
export const OWNER = 'owner';
export const OWNER_CREDENTIAL = credentialIdOf('person', OWNER);

/**
 * Sees to it that the machine has an owner credential and that its token lies in the key file (0600), where the CLI on
 * this machine finds it. A file without an event (new log, killed in between) is issued; a lost or unreadable token is
 * replaced, which ends the old one; a revoked one never comes back, a new one is made in its place.
 */
export async function ensureOwnerKey(
  file: string,
  live: LiveState,
  commands: CommandQueue,
  logger: Logger,
): Promise<void> {
  const found = await readToken(file);
  const revoked = found !== null && live.office.revokedHashes.has(tokenHash(found));
  const token = found === null || revoked ? newToken() : found;
  if (token !== found) {
    await writeFileAtomic(file, `${token}\n`, 0o600);
    logger.info({ file, revoked }, 'owner credential made');
  }
  await commands.run(async () => {
    const known = credentialByHash(live.office, tokenHash(token));
    if (known !== null) {
      if (!holdsOwnerRole(known))
        logger.warn({ file, name: known.name }, 'the key file holds no owner’s token');
      return;
    }
    const data = {
      credential_id: OWNER_CREDENTIAL,
      kind: 'person' as const,
      name: OWNER,
      role: 'owner' as const,
      scopes: [...ROLE_SCOPES.owner],
      token_sha256: tokenHash(token),
      expires_at: null,
    };
    const context = { actor: 'system', source: '/node', office: FIRST_OFFICE };
    await commands.append(domainEvent('credential_issued', data, context));
  });
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
