import { decisionHash } from '../../approvals/index.ts';
import { domainEvent } from '../../state/index.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import { requireInForce } from '../credentials/principal.ts';
import { appOfOffice } from './app-of-office.ts';
import { type Asker, idFor } from './idempotency.ts';
import { type LifeCycleRequest, type LifeCycleTools, toBeTold } from './life-cycle.ts';

/**
 * Asks a person whether an app is to be started, stopped …, as an agent wants. What is asked already is not asked twice.
 *
 * @returns id of the approval that it waits for
 * @throws what the request itself would be refused for
 */
export function askLifeCycle(
  tools: LifeCycleTools & { readonly policyOf: PolicyOf },
  asker: Asker,
  uuid: string,
  wanted: LifeCycleRequest,
): Promise<string> {
  const { live, commands, clock, policyOf } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const app = appOfOffice(live.office, asker, uuid);
    toBeTold(live.office, app, wanted, false);
    const open = [...live.office.openApprovals].map((id) => live.office.approvals.get(id));
    const before = open.find((each) => each?.app === uuid && each.command === wanted);
    if (before !== undefined) return before.id;
    const { actor, office } = asker.principal;
    const { persons, expiresMs } = policyOf(office);
    const id = idFor(asker, `ask to ${wanted} ${uuid}`);
    const data = {
      ...{
        approval_id: id,
        kind: 'life_cycle' as const,
        app: uuid,
        command: wanted,
        persons,
        requested_by: actor,
      },
      ...{
        deployment_id: null,
        version: null,
        digest: null,
        added: [],
        widened: [],
        removed: [],
        doubts: [],
        policy: null,
      },
      difference: decisionHash({ approval: id, app: uuid, command: wanted }),
      reasons: ['an agent asks for it'],
      expires_at: new Date(clock.now() + expiresMs).toISOString(),
    };
    await commands.append(
      domainEvent('approval_requested', data, { actor, source: '/node', office, id, clock }),
    );
    return id;
  });
}
