import { derivedId, type Logger, messageOf } from '../../kit/index.ts';
import type { ApprovalState } from '../../state/index.ts';
import { type LifeCycleTools, tell, toBeTold } from '../commands/life-cycle.ts';

/** What was said yes to longer ago was done, or nobody waits for it any more. */
const RECENT_MS = 10 * 60 * 1000;

/**
 * Does what persons said yes to, of what agents wanted done to apps. Ids follow from the approval, so that what a node was killed in
 * the middle of is done once by the next.
 */
export function startCarryingOut(tools: LifeCycleTools & { readonly logger: Logger }): {
  close(): Promise<void>;
} {
  const { live, commands, clock, logger } = tools;
  let last = Promise.resolve();

  function carryOut(approval: ApprovalState): void {
    const { id, app: uuid, command } = approval;
    last = commands
      .run(async () => {
        const app = live.office.apps.get(uuid ?? '');
        if (app === undefined || command === null) return;
        const data = command === 'purge_data';
        const wanted = data ? 'purge' : command;
        const said = {
          actor: approval.grantedBy.at(-1) ?? 'system',
          idOf: (purpose: string) => derivedId(id, purpose),
        };
        await tell(tools, app, { wanted, data }, toBeTold(live.office, app, wanted, data), said);
      })
      .catch((error: unknown) => {
        logger.warn({ err: error, approval: id }, `what was approved is not done: ${messageOf(error)}`);
      });
  }

  const stop = live.onEvent(({ type, data }) => {
    if (type !== 'approval_granted') return;
    const approval = live.office.approvals.get(String(data.approval_id));
    if (approval?.status === 'granted' && approval.kind === 'life_cycle') carryOut(approval);
  });
  // the log knows the ids of what was done already
  for (const approval of live.office.approvals.values()) {
    const age = clock.now() - Date.parse(approval.decidedAt ?? '');
    if (approval.status === 'granted' && approval.kind === 'life_cycle' && age < RECENT_MS)
      carryOut(approval);
  }
  return {
    async close() {
      stop();
      await last;
    },
  };
}
