import type { Platform, PushedApp } from '../../agent/index.ts';
import type { Consent } from '../approvals/consent.ts';
import { readAppSource } from '../check/app-source.ts';
import { checkApp } from '../check/check-app.ts';
import type { NodeClient } from '../client/node-client.ts';
import { progressLines } from '../deployments/progress-lines.ts';
import { cliError } from '../errors.ts';
import { executePush, type PushResult, planPush } from '../push/push-app.ts';
import { uploadTally } from '../push/upload-tally.ts';

/** What the agent may do to the office, through the same functions as `tcli push`. */
export interface ChatPlatform extends Platform {
  /** What the last push did, as `tcli push` would print it. */
  lastPush(): PushResult | null;
}

/**
 * @param connect the office's API anew, after the connection broke
 * @param say what a push is doing, in words
 */
export function chatPlatform(
  connect: () => Promise<NodeClient>,
  client: NodeClient,
  home: string,
  consent: Consent,
  say: (text: string) => void,
): ChatPlatform {
  let last: PushResult | null = null;
  let taken: ReadonlySet<string> = new Set();
  return {
    lastPush: () => last,
    async takenNames() {
      taken = new Set((await client.apps()).map((app) => app.slug ?? app.name));
      return taken;
    },
    check: (dir, signal) => checkApp(dir, { home, taken, signal }),
    async push(dir, signal): Promise<PushedApp> {
      const plan = await planPush(await readAppSource('/', dir, false), dir);
      last = await executePush(client, plan, {
        deploy: true,
        consent,
        progress: progressLines(say),
        tally: uploadTally(),
        connect,
        signal,
      });
      const { uuid, name, version, url, path_url: pathUrl, warnings } = last;
      return { uuid, name, version, url, pathUrl, warnings };
    },
    async visit(app, signal) {
      const { status, body } = await client.visit(
        app.pathUrl,
        AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
      );
      if (status < 400) return { status };
      throw cliError('app_silent', {
        what: `${app.name} is deployed, but its front door answers ${status}`,
        why: body.trim().slice(0, 500) || 'the answer is empty',
        hint: `See \`tabbify logs ${app.name}\`; mend the app and push it again: \`tcli push <folder>\`.`,
      });
    },
  };
}
