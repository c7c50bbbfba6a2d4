import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { reachOf } from '../kit/index.ts';
import type { Prepared } from '../runtimes/index.ts';
import { serveApp } from './app-server.ts';
import { RUNNER_KEY_HEADER } from './protocol.ts';

/**
 * Walks the way of a request once, from a front of its own to where the guest of an app will be, so that what node loads and compiles for
 * it is there when it counts. Nothing of an app is in it.
 */
export async function rehearse(prepared: Prepared): Promise<void> {
  await using stage = await prepared.rehearsal?.();
  if (stage === undefined) return;
  const runnerKey = randomUUID();
  const front = await serveApp({ runnerKey, version: 0, serve: stage.serve });
  try {
    await new Promise<void>((resolve, reject) => {
      const { origin, ...through } = reachOf(front.endpoint);
      const headers = { [RUNNER_KEY_HEADER]: runnerKey };
      request(origin, { ...through, agent: false, headers }, (answer) => {
        answer.on('error', reject).on('close', resolve).resume();
      })
        .once('error', reject)
        .end();
    });
  } finally {
    await front.close(0);
  }
}
