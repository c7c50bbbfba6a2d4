import type { ApprovalState, OfficeState } from '../../state/index.ts';
import { FIRST_OFFICE, holdsOwnerRole, scopesInForce } from '../credentials/principal.ts';

/**
 * Who has said yes and counts. While an approval is open, whoever was taken the right to decide, or the credential, does not, and neither
 * does what he said before he was given another one: what a stolen token has said is not completed by the next person. A credential that
 * has merely expired is no doubt about its owner.
 */
export function standingYes(office: OfficeState, approval: ApprovalState): string[] {
  if (approval.status !== 'open') return [...approval.grantedBy];
  const trustedSince = new Map<string, number>();
  for (const each of office.credentials.values()) {
    if (each.kind !== 'person' || !scopesInForce(each).has('approve')) continue;
    if (each.office !== approval.office && !(each.office === FIRST_OFFICE && holdsOwnerRole(each))) continue;
    const actor = `user:${each.name}`;
    trustedSince.set(actor, Math.min(each.trustedSince, trustedSince.get(actor) ?? each.trustedSince));
  }
  return approval.grantedBy.filter((actor) => {
    const since = trustedSince.get(actor);
    return since !== undefined && since < (approval.yesAt.get(actor) ?? 0);
  });
}
