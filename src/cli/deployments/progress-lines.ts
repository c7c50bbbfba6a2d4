import { durationText } from '../terminal/duration.ts';
import { type DeploymentView, gotOnFrom, UNHEARD } from './deployment-view.ts';
import type { DeploymentProgress } from './progress.ts';
import { awayText, detailText, hostNames, hostText, onHowMany } from './words.ts';

/**
 * Progress as one line for each fact, once: for pipes, and for whoever shows one line at a time.
 *
 * @param now milliseconds of a clock that only goes on
 */
export function progressLines(
  say: (text: string) => void,
  now: () => number = () => performance.now(),
): DeploymentProgress {
  const begun = now();
  const since = new Map<DeploymentView['phase'], number>();
  const said = new Set<string>();
  let last = UNHEARD;
  let isAway = false;
  const once = (text: string, from?: number) => {
    if (said.has(text)) return;
    said.add(text);
    say(from === undefined ? text : `${text} (${durationText(now() - from)})`);
  };
  return {
    show(view) {
      last = view;
      for (const phase of view.seen) if (!since.has(phase)) since.set(phase, now());
      if (view.phase === 'building' && view.detail !== null) once(`Building${detailText(view)}`);
      if (view.seen.has('building') && gotOnFrom(view, 'building')) once('Built', since.get('building'));
      if (view.phase === 'awaiting_approval') once('Waiting for a yes');
      if (!view.seen.has('starting') || view.hosts.length === 0) return;
      once(`Starting on ${hostNames(view.hosts)}`);
      for (const host of view.hosts) {
        if (host.state !== 'serving' && host.state !== 'failed') continue;
        once(`${host.supervisor}: ${hostText(host)}`, since.get('starting'));
      }
    },
    away(forMs) {
      if (forMs === null) say('The office answers again');
      else if (!isAway) say(awayText(forMs));
      isAway = forMs !== null;
    },
    async pause() {},
    resume({ done }) {
      once(done);
    },
    async end(how) {
      if (how === 'done' && last.phase === 'switched') once(`In place${onHowMany(last.hosts)}`, begun);
    },
  };
}
