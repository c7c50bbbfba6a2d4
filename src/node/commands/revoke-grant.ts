import { covers } from '../../app/index.ts';
import { domainEvent } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import { appOfOffice } from './app-of-office.ts';
import type { DecisionTools } from './decide-approval.ts';
import { type Asker, idFor } from './idempotency.ts';
import { tellHosts } from './tell-hosts.ts';

/**
 * Takes a capability back, and with it all that it takes in: the running app loses it at once, and no rollback gives it back
 * (CONTRACTS §4a).
 *
 * @throws app_unknown; grant_unknown; grant_covered where a wider one allows it all the same
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
    const wider = [...app.grants.values()].find(
      (grant) => grant.capability !== capability && covers(grant.capability, capability),
    );
    if (wider !== undefined) throw stillGranted(app.slug, wider.capability, capability);
    const taken = [...app.grants.values()].filter((grant) => grant.capability === capability);
    if (taken.length === 0) {
      throw nodeError('grant_unknown', {
        what: `'${app.slug}' was not granted ${JSON.stringify(capability)}`,
        why: 'what it was granted is named otherwise, or was revoked before',
        hint: `See \`tabbify approvals grants ${app.slug}\``,
      });
    }
    const { actor, office } = asker.principal;
    // what was granted again since is another grant
    const which = taken.map(({ approval, grantedAt }) => `${approval} ${grantedAt}`).sort();
    const id = idFor(asker, `revoke ${capability} of ${uuid}, granted by ${which}`);
    await commands.append(
      domainEvent('grant_revoked', { app: uuid, capability }, { actor, source: '/node', office, id, clock }),
    );
    await tellHosts(tools, uuid, id);
  });
}

/** Nobody is told that something is taken back which the app may go on doing. */
function stillGranted(slug: string, wider: string, capability: string) {
  return nodeError('grant_covered', {
    what: `'${slug}' may do that all the same`,
    why: `it was granted ${JSON.stringify(wider)}, which takes in ${JSON.stringify(capability)}`,
    hint: `Take that back: \`tabbify approvals revoke ${slug} '${wider}'\`; what of it is to stay is approved again with the next deployment`,
  });
}
