import { domainEvent } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import { appOfOffice } from './app-of-office.ts';
import type { DecisionTools } from './decide-approval.ts';
import { type Asker, idFor } from './idempotency.ts';
import { tellHosts } from './tell-hosts.ts';

/**
 * Takes a capability back: the running app loses it at once, and no rollback gives it back (CONTRACTS §4a).
 *
 * @throws app_unknown; grant_unknown
 */
export function revokeGrant(
  tools: DecisionTools,
  asker: Asker,
  uuid: string,
  capability: string,
): Promise<void> {
  const { live, commands, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const app = appOfOffice(live.office, asker, uuid);
    const isGranted = [...app.grants.values()].some((grant) => grant.capability === capability);
    if (!isGranted) {
      throw nodeError('grant_unknown', {
        what: `'${app.slug}' was not granted ${JSON.stringify(capability)}`,
        why: 'what it was granted is named otherwise, or was revoked before',
        hint: `See \`tabbify approvals grants ${app.slug}\``,
      });
    }
    const { actor, office } = asker.principal;
    const id = idFor(asker, `revoke ${capability} of ${uuid}`);
    await commands.append(
      domainEvent('grant_revoked', { app: uuid, capability }, { actor, source: '/node', office, id, clock }),
    );
    await tellHosts(tools, uuid, id);
  });
}
