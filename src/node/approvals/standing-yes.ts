import type { ApprovalState, OfficeState } from '../../state/index.ts';
import { FIRST_OFFICE, holdsOwnerRole, scopesInForce } from '../credentials/principal.ts';

/**
 * Who has said yes and counts. While an approval is open, whoever was taken the right to decide, or the credential, does not: what a
 * stolen token has said is not completed by the next person. A credential that has merely expired is no doubt about its owner.
 */
export function standingYes(office: OfficeState, approval: ApprovalState): string[] {
  if (approval.status !== 'open') return [...approval.grantedBy];
  const deciding = new Set(
    [...office.credentials.values()]
      .filter((each) => each.kind === 'person' && scopesInForce(each).has('approve'))
      .filter(
        (each) => each.office === approval.office || (each.office === FIRST_OFFICE && holdsOwnerRole(each)),
      )
      .map(({ name }) => `user:${name}`),
  );
  return approval.grantedBy.filter((actor) => deciding.has(actor));
}
