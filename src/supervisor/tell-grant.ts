import type { AppGrant } from '../app/index.ts';
import { messageOf } from '../kit/index.ts';
import { sendControl } from '../runner/index.ts';
import type { InstanceState } from './instance-state.ts';
import { passedAway } from './passing-away.ts';
import type { Assignment } from './protocol.ts';

/** Milliseconds for a runner to do as it is told. */
const REPLY_MS = 2_000;

/** Tells the runner that serves what its app may do from now on. */
export async function tellGrant(state: InstanceState, { grant }: Assignment): Promise<void> {
  const { current, context } = state;
  if (current === null) return;
  const { nonce, socket, generation } = current.record;
  const why = await refusalOf(socket, grant, context.nodeUrl);
  if (why !== null) await passedAway(current);
  if (state.current !== current) return; // it has died, which is told as that
  state.told = { runner: nonce, grant: why === null ? grant : null };
  const { app, logger } = context;
  if (why === null)
    logger.info({ app, generation, hosts: grant.http.length, apps: grant.apps.length }, 'grant told');
  else logger.warn({ app, generation, why }, 'the runner does not take another grant: it is replaced');
}

/** Null: it has taken it. */
async function refusalOf(socket: string, grant: AppGrant, node: string): Promise<string | null> {
  try {
    const reply = await sendControl(socket, { cmd: 'grant', grant, node }, REPLY_MS);
    return reply.reply === 'ok' ? null : reply.reply === 'err' ? reply.message : `it replied ${reply.reply}`;
  } catch (error) {
    return messageOf(error);
  }
}
