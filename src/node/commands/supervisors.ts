import type { Clock } from '../../kit/index.ts';
import { credentialById, domainEvent, hostSegment } from '../../state/index.ts';
import type { JoinReply, JoinRequest, Presence } from '../../supervisor/index.ts';
import { credentialIdOf } from '../credentials/credential-id.ts';
import { FIRST_OFFICE, requireInForce } from '../credentials/principal.ts';
import { newToken, tokenHash } from '../credentials/token.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Presences } from '../supervisors/presences.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';

export interface SupervisorCommandTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly presences: Presences;
  readonly clock: Clock;
}

/**
 * Gives a supervisor its own credential, which reaches its own host and nothing else. Hosts serve every office of the
 * machine, so the credential is of the first office. One that the name had before ends only when the asker wants it to:
 * a second host of the same name must not push the first one out by being started.
 *
 * @throws supervisor_known; idempotency_conflict
 */
export function joinSupervisor(
  { live, commands, presences, clock }: SupervisorCommandTools,
  asker: Asker,
  { name, replace = false }: JoinRequest,
): Promise<JoinReply> {
  const credentialId = credentialIdOf('supervisor', name);
  return commands.run(async () => {
    requireInForce(asker.principal);
    const known = credentialById(live.office, credentialId) !== null;
    const present = presences.of(name) !== undefined;
    if (known && (replace === false || (replace === 'if_away' && present))) throw knownAlready(name, present);
    const token = newToken();
    const data = {
      credential_id: credentialId,
      kind: 'supervisor' as const,
      name,
      role: null,
      scopes: [`events:append:${hostSegment(name)}`],
      token_sha256: tokenHash(token),
      expires_at: null,
    };
    const { actor } = asker.principal;
    const id = idFor(asker, `join ${name}`);
    const context = { actor, source: '/node', office: FIRST_OFFICE, id, clock };
    const { duplicate } = await commands.append(domainEvent('credential_issued', data, context));
    if (duplicate) {
      throw nodeError('idempotency_conflict', {
        what: `The supervisor '${name}' joined under this Idempotency-Key before`,
        why: 'its credential is shown once, in the first answer',
        hint: 'If that answer was lost: ask with a new key and `replace`',
      });
    }
    presences.forget(name); // whoever was there is known no more
    return { name, credential: token };
  });
}

function knownAlready(name: string, present: boolean) {
  return nodeError('supervisor_known', {
    what: `A supervisor '${name}' has joined before`,
    why: present ? 'it is there now' : 'it is away, and would be refused when it comes back',
    hint: present
      ? 'Give this host another name (TABBIFY_SUPERVISOR_NAME), or end that supervisor first'
      : 'Give this host another name (TABBIFY_SUPERVISOR_NAME), or ask to replace it (`"replace": true`)',
  });
}

/** Takes note of where a supervisor answers; what it can run is an event when it changed. */
export async function announceSupervisor(
  { live, commands, presences, clock }: SupervisorCommandTools,
  asker: Asker,
  name: string,
  presence: Presence,
): Promise<void> {
  const tags = [...new Set(presence.tags)].sort();
  await commands.run(async () => {
    requireInForce(asker.principal);
    const known = live.office.supervisors.get(name);
    if (known === undefined || known.tags.join() !== tags.join()) {
      const { actor, office } = asker.principal;
      await commands.append(
        domainEvent('supervisor_joined', { name, tags }, { actor, source: '/node', office, clock }),
      );
    }
    presences.announce(name, { ...presence, tags });
  });
}
