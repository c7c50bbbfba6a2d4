import { rm } from 'node:fs/promises';
import { isAlive, type Logger, signalProcess } from '../kit/index.ts';
import { SPOKEN_PROTOCOLS, sendControl } from '../runner/index.ts';
import { type LiveRunner, watchAdopted } from './live-runner.ts';
import type { SupervisorHook } from './points.ts';
import { type FoundRecord, findRecords, forgetRunner, type RunnerRecord } from './runner-record.ts';

/** How long a living runner may take to answer a ping. */
const PING_TIMEOUT_MS = 3_000;

/** The runner that an app's record names. */
export type FoundRunner =
  /** It serves. */
  | { readonly kind: 'adopted'; readonly runner: LiveRunner }
  /** It lives, and was being ended when its supervisor died. */
  | { readonly kind: 'leaving'; readonly runner: LiveRunner }
  /** It had served when it was last heard of, and is dead; its record stays until that is said. */
  | { readonly kind: 'lost'; readonly record: RunnerRecord };

/**
 * Takes over the runners an earlier supervisor of this name left (CONTRACTS §8). A runner is adopted when its pid
 * lives with the recorded start time and it answers its nonce over the socket. Else it
 * is ended if it is certainly the recorded process. Runners whose start was cut short are ended as well. One that
 * speaks another version of the control protocol is adopted as `outdated`: it serves until its successor does. One that
 * was being ended, as its record says, is on its way out.
 */
export async function adoptRunners(
  home: string,
  supervisor: string,
  logger: Logger,
  hook: SupervisorHook,
): Promise<readonly FoundRunner[]> {
  const runners: FoundRunner[] = [];
  const judge = async (found: FoundRecord): Promise<void> => {
    const { record } = found;
    if (record === null) {
      logger.error({ path: found.path }, 'record cannot be read; its runner, if any, will end by itself');
      await rm(found.path, { force: true });
    } else if (record.supervisor === supervisor) {
      const runner = found.staged ? null : await tryAdopt(record);
      if (runner !== null) {
        const { app, protocol } = runner.record;
        if (runner.outdated)
          logger.warn(
            { app, pid: record.pid, protocol, spoken: SPOKEN_PROTOCOLS },
            'runner speaks a control protocol of another time; it serves until it is replaced',
          );
        runners.push({ kind: record.ended_for === undefined ? 'adopted' : 'leaving', runner });
      } else {
        signalProcess(record, 'SIGKILL');
        if (found.staged) await forgetRunner(home, record);
        else runners.push({ kind: 'lost', record });
      }
    }
  };
  const found = await findRecords(home);
  await hook('records read');
  await Promise.all(found.map(judge));
  await hook('found runners judged');
  return runners;
}

async function tryAdopt(record: RunnerRecord): Promise<LiveRunner | null> {
  if (!isAlive(record)) return null;
  try {
    const pong = await sendControl(record.socket, { cmd: 'ping', nonce: record.nonce }, PING_TIMEOUT_MS);
    if (pong.reply !== 'pong' || pong.nonce !== record.nonce) return null;
    const { protocol } = pong;
    if (record.endpoint !== null) return watchAdopted({ ...record, protocol });
    if (!SPOKEN_PROTOCOLS.includes(protocol)) return null; // nobody knows where it serves, if it does
    const health = await sendControl(record.socket, { cmd: 'health' }, PING_TIMEOUT_MS);
    return health.reply === 'health' && health.endpoint !== null
      ? watchAdopted({ ...record, protocol, endpoint: health.endpoint })
      : null;
  } catch {
    return null;
  }
}
