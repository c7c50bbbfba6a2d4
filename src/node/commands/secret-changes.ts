import { z } from 'zod';
import { SECRET_KINDS } from '../../app/index.ts';
import type { Clock } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import type { GatewayClient } from '../secrets/gateway-client.ts';
import type { CommandQueue } from './command-queue.ts';
import type { Asker } from './idempotency.ts';

const changesReply = z.object({
  changes: z.array(
    z.object({
      id: z.uuid(),
      type: z.enum(['secret_registered', 'secret_deleted']),
      name: z.string(),
      kind: z.enum(SECRET_KINDS),
      version: z.int().min(1),
      actor: z.string(),
      time: z.iso.datetime(),
    }),
  ),
});

export interface SecretChangesTools {
  readonly gateway: GatewayClient;
  readonly commands: CommandQueue;
  readonly clock: Clock;
}

/**
 * Fetches what happened to secrets of the asker's office and appends what the log has not heard of. The node takes it from the gateway
 * that it knows, never from the asker; ids are the gateway's, so that nothing is appended twice.
 *
 * @returns ids of the changes that are in the log now
 */
export async function noteSecretChanges(
  { gateway, commands, clock }: SecretChangesTools,
  { principal }: Asker,
  authorization: string,
): Promise<string[]> {
  const { office } = principal;
  const { changes } = await gateway.ask({ path: '/secrets/changes', authorization, office }, changesReply);
  return commands.run(async () => {
    requireInForce(principal);
    for (const { id, type, name, kind, version, actor, time } of changes) {
      const happened = { now: () => Math.min(Date.parse(time), clock.now()) };
      const context = { actor, source: '/gateway', office, id, clock: happened };
      await commands.append(domainEvent(type, { name, kind, version }, context));
    }
    return changes.map(({ id }) => id);
  });
}
