import { derivedId, type Logger, messageOf } from '../../kit/index.ts';
import { domainEvent } from '../../state/index.ts';
import type { DecisionTools } from '../commands/decide-approval.ts';

/** The longest that a timer of node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Milliseconds after which it is tried again where the log could not be written. */
const RETRY_MS = 5_000;

/** Ends what nobody decided in time (CONTRACTS §4a: that means no), also what became too old while no node was there. */
export function startExpiry({
  live,
  commands,
  clock,
  logger,
}: Omit<DecisionTools, 'policyOf'> & { readonly logger: Logger }): {
  close(): Promise<void>;
} {
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;
  let last = Promise.resolve();

  function next(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (isClosed || live.office.openApprovals.size === 0) return;
    const ends = open().map(({ expiresAt }) => Date.parse(expiresAt));
    const wait = Math.min(Math.max(Math.min(...ends) - clock.now(), 0), MAX_TIMER_MS);
    timer = setTimeout(() => {
      timer = null;
      last = expire().then(next, (error: unknown) => {
        if (isClosed) return;
        logger.warn({ err: error }, `an approval is not ended yet: ${messageOf(error)}`);
        timer ??= setTimeout(next, RETRY_MS).unref();
      });
    }, wait).unref();
  }

  function open() {
    return [...live.office.openApprovals].flatMap((id) => live.office.approvals.get(id) ?? []);
  }

  function expire(): Promise<void> {
    return commands.run(async () => {
      for (const { id, office, expiresAt } of open()) {
        if (Date.parse(expiresAt) > clock.now()) continue;
        const context = { actor: 'system', source: '/node', office, id: derivedId(id, 'expired'), clock };
        await commands.append(domainEvent('approval_expired', { approval_id: id }, context));
      }
    });
  }

  const stop = live.onEvent(({ type }) => {
    if (type.startsWith('approval_') || type.startsWith('deployment_')) next();
  });
  next();
  return {
    async close() {
      isClosed = true;
      stop();
      if (timer !== null) clearTimeout(timer);
      await last;
    },
  };
}
