import { createHash } from 'node:crypto';
import { decisionHash, parsePolicy } from '../../approvals/index.ts';
import { domainEvent } from '../../state/index.ts';
import { personsForPolicy } from '../approvals/needed-persons.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { DecisionTools } from './decide-approval.ts';
import { type Asker, idFor } from './idempotency.ts';

/**
 * Gives the office another policy. Where the one in force wants several persons for what an app asks for, it wants them for another
 * policy too: nobody gets round it by changing it.
 *
 * @returns the approval that it waits for; null: it is in force
 * @throws policy_invalid naming each place; idempotency_conflict
 */
export function setPolicy(tools: DecisionTools, asker: Asker, text: string): Promise<string | null> {
  const { live, commands, clock, policyOf } = tools;
  const { policy, diagnostics } = parsePolicy(text);
  if (policy === null) {
    throw nodeError('policy_invalid', {
      what: 'The policy was not taken',
      why: diagnostics
        .map(
          ({ line, column, message, hint }) =>
            `${line}:${column} ${message}${hint === null ? '' : `; ${hint}`}`,
        )
        .join('\n'),
      hint: 'Mend it; what is in force stays',
    });
  }
  return commands.run(async () => {
    requireInForce(asker.principal);
    const { actor, office } = asker.principal;
    const id = idFor(asker, `set the policy of ${office}`);
    const context = { actor, source: '/node', office, id, clock };
    const policyNow = policyOf(office);
    const persons = personsForPolicy(policyNow);
    if (persons <= 1) {
      const { duplicate } = await commands.append(domainEvent('policy_set', { policy: text }, context));
      if (duplicate && live.office.policies.get(office) !== text) throw usedBefore();
      return null;
    }
    const digest = createHash('sha256').update(text).digest('hex');
    const data = {
      ...{
        approval_id: id,
        kind: 'policy' as const,
        app: null,
        deployment_id: null,
        version: null,
        command: null,
      },
      ...{
        added: [],
        widened: [],
        removed: [],
        doubts: [],
        digest,
        policy: text,
        persons,
        requested_by: actor,
      },
      difference: decisionHash({ approval: id, office, policy: text }),
      reasons: ['another policy needs as many persons as the strictest rule of the one in force'],
      expires_at: new Date(clock.now() + policyNow.expiresMs).toISOString(),
    };
    await commands.append(domainEvent('approval_requested', data, context));
    if (live.office.approvals.get(id)?.policy !== text) throw usedBefore();
    return id;
  });
}

/** Nobody is told that a policy is in force, or waits, which is not the one he sent. */
function usedBefore() {
  return nodeError('idempotency_conflict', {
    what: 'This Idempotency-Key brought another policy before',
    hint: 'Use a new key for a new policy',
  });
}
