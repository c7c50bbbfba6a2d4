import { isUuid } from '../../kit/index.ts';
import type { ApprovalReply, ApprovalsClient } from '../client/approvals.ts';
import { cliError } from '../errors.ts';

/** Fewer characters than these name no approval. */
const SHORTEST = 4;

/**
 * The approval of that id, which may be cut short where one approval alone begins so.
 *
 * @throws TabbifyError `usage` when none does, or several do; `approval_unknown` for a whole id
 */
export async function approvalNamed(approvals: ApprovalsClient, text: string): Promise<ApprovalReply> {
  if (isUuid(text)) return approvals.show(text);
  const all = text.length < SHORTEST ? [] : await approvals.list();
  const found = all.filter(({ id }) => id.startsWith(text.toLowerCase()));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw cliError('usage', {
    what: `There is no one approval ${text}`,
    why:
      found.length > 1
        ? `${found.length} begin so: ${found.map(({ id }) => id).join(', ')}`
        : `an approval is named by its id, or by at least its first ${SHORTEST} characters`,
    hint: 'See the ids with `tabbify approvals --all`.',
  });
}
