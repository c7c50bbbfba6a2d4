import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../kit/index.ts';
import type { DeploymentsClient } from '../client/deployments.ts';
import { isBreak } from '../client/is-break.ts';
import type { DeploymentReply } from '../client/replies.ts';
import { cliError } from '../errors.ts';
import { afterReply, afterStep, type DeploymentView, UNHEARD } from './deployment-view.ts';

/** Where a deployment is told from, and to whom. */
export interface Following {
  /** The office's API; asked for again after each break, since an office may come back at another address. */
  connect(): Promise<Pick<DeploymentsClient, 'follow' | 'show'>>;
  show(view: DeploymentView): void;
  /** For how long the office has not answered (milliseconds); null: it answers again. */
  away(forMs: number | null): void;
  readonly signal?: AbortSignal | undefined;
  /** Is this where the following ends though the deployment goes on? */
  isHeld?(deployment: DeploymentReply): boolean;
}

/** Milliseconds. */
export interface FollowBounds {
  /** Before an office that does not answer is spoken of. */
  readonly quietMs: number;
  /** Before it is given up. */
  readonly awayMs: number;
  /** Between two looks at the hosts while they start. */
  readonly hostsMs: number;
  /** Between two looks otherwise: whether the office still answers. */
  readonly lookMs: number;
  /** Before the second try; doubles up to the longest. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

const FOLLOW_BOUNDS: FollowBounds = {
  quietMs: 3_000,
  awayMs: 120_000,
  hostsMs: 300,
  lookMs: 5_000,
  firstWaitMs: 200,
  longestWaitMs: 2_000,
};

/**
 * Follows a deployment to its end. The stream tells when something happens, from the request on however often it is opened;
 * how it went on each host, and how it ended, the office is asked for.
 *
 * @returns the deployment that has ended, well or not, or that is held
 * @throws TabbifyError `stopped` when the signal aborts, `office_not_running` when the office stays away, what it refuses with
 */
export async function followDeployment(
  id: string,
  { connect, show, away, signal, isHeld = () => false }: Following,
  bounds: FollowBounds = FOLLOW_BOUNDS,
): Promise<DeploymentReply> {
  let view = UNHEARD;
  let lostAt: number | null = null;
  let wait = bounds.firstWaitMs;
  let isAway = false;
  const answered = (next: DeploymentView) => {
    if (isAway) away(null);
    isAway = false;
    lostAt = null;
    wait = bounds.firstWaitMs;
    view = next;
    show(view);
  };
  show(view);
  while (true) {
    try {
      const deployments = await connect();
      const look = async (until?: AbortSignal) => {
        const reply = await deployments.show(id, until);
        answered(afterReply(view, reply));
        return reply;
      };
      using looks = lookEvery(
        () => (view.phase === 'starting' ? bounds.hostsMs : bounds.lookMs),
        look,
        signal,
      );
      for await (const step of deployments.follow(id, looks.signal)) {
        const isFirst = view.phase !== step.phase;
        answered(afterStep(view, step));
        if (step.phase === 'awaiting_approval') {
          const held = await look(signal);
          if (isHeld(held)) return held;
        } else if (isFirst) looks.soon();
      }
      looks.stop();
      const reply = await look(signal);
      if (reply.finished_at !== null || isHeld(reply)) return reply;
    } catch (error) {
      if (signal?.aborted) throw leftAlone(id);
      if (!isBreak(error)) throw error;
      lostAt ??= performance.now();
      const goneMs = performance.now() - lostAt;
      if (goneMs > bounds.awayMs) throw stayedAway(id, goneMs, error);
      if (goneMs > bounds.quietMs) {
        isAway = true;
        away(goneMs);
      }
    }
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => {}); // stopped: told below
    if (signal?.aborted) throw leftAlone(id);
    wait = Math.min(wait * 2, bounds.longestWaitMs);
  }
}

/** No answer of the office takes longer. */
const LOOK_TIMEOUT_MS = 10_000;

/**
 * Looks again and again. A look that breaks or gets no answer ends the stream beside it, which may hang without a word when
 * its connection is dead.
 *
 * @param everyMs asked before each pause
 */
function lookEvery(
  everyMs: () => number,
  look: (until: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
) {
  const lost = new AbortController();
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const go = async () => {
    clearTimeout(timer);
    try {
      await look(AbortSignal.any([over.signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]));
      plan();
    } catch (error) {
      if (!over.signal.aborted)
        lost.abort(isBreak(error) ? error : new TypeError('no answer', { cause: error }));
    }
  };
  const plan = () => {
    clearTimeout(timer);
    if (!over.signal.aborted) timer = setTimeout(go, everyMs());
  };
  const stop = () => {
    clearTimeout(timer);
    over.abort();
  };
  plan();
  return {
    signal: signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]),
    soon: () => {
      clearTimeout(timer);
      timer = setTimeout(go, 0);
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

/** What a person can do with a deployment that nobody looks at any more. */
function onward(id: string): string {
  return `Follow it: \`tabbify deployments show ${id} --follow\`\nCall it off: \`tabbify deployments cancel ${id}\``;
}

function leftAlone(id: string) {
  return cliError('stopped', {
    what: 'Stopped following; the deployment goes on in the office',
    why: 'Ctrl-C was pressed',
    hint: onward(id),
  });
}

function stayedAway(id: string, goneMs: number, error: unknown) {
  return cliError('office_not_running', {
    what: `The office has not answered for ${Math.round(goneMs / 1000)} s; how the deployment went is not known`,
    why: messageOf(error),
    hint: `The office goes on with it when it is back.\n${onward(id)}`,
    cause: error,
  });
}
