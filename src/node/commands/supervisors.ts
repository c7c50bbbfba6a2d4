import type { Clock } from '../../kit/index.ts';
import { domainEvent, hostSegment } from '../../state/index.ts';
import type { JoinReply, Presence } from '../../supervisor/index.ts';
import { credentialIdOf } from '../credentials/owner-key.ts';
import { newToken, tokenHash } from '../credentials/token.ts';
import type { LiveState } from '../live-state.ts';
import type { Presences } from '../supervisors/presences.ts';
import type { CommandQueue } from './command-queue.ts';
import type { Asker } from './idempotency.ts';

export interface SupervisorCommandTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly presences: Presences;
  readonly clock: Clock;
}

/** Gives a supervisor its own credential, which reaches its own host and nothing else. The one before ends. */
export async function joinSupervisor(
  tools: SupervisorCommandTools,
  asker: Asker,
  name: string,
): Promise<JoinReply> {
  const token = newToken();
  const { actor, office } = asker.principal;
  await tools.commands.append(
    domainEvent(
      'credential_issued',
      {
        credential_id: credentialIdOf('supervisor', name),
        kind: 'supervisor',
        name,
        scopes: [`events:append:${hostSegment(name)}`],
        token_sha256: tokenHash(token),
      },
      { actor, source: '/node', office, clock: tools.clock },
    ),
  );
  return { name, credential: token };
}

/** Takes note of where a supervisor answers; what it can run is an event when it changed. */
export async function announceSupervisor(
  tools: SupervisorCommandTools,
  asker: Asker,
  name: string,
  presence: Presence,
): Promise<void> {
  const { live, commands, presences, clock } = tools;
  const tags = [...new Set(presence.tags)].sort();
  await commands.run(async () => {
    const known = live.office.supervisors.get(name);
    if (known !== undefined && known.tags.join() === tags.join()) return;
    const { actor, office } = asker.principal;
    await commands.append(
      domainEvent('supervisor_joined', { name, tags }, { actor, source: '/node', office, clock }),
    );
  });
  presences.announce(name, { ...presence, tags });
}
