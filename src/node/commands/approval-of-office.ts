import type { ApprovalState, OfficeState } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import type { Asker } from './idempotency.ts';

/** The asker's approval. @throws approval_unknown, for another office's too */
export function approvalOfOffice(
  office: OfficeState,
  asker: Pick<Asker, 'principal'>,
  id: string,
): ApprovalState {
  const approval = office.approvals.get(id);
  if (approval?.office === asker.principal.office) return approval;
  throw nodeError('approval_unknown', {
    what: `No approval ${id} in this office`,
    hint: 'See `tabbify approvals`',
  });
}
