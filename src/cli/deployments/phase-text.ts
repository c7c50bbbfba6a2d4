import type { DeploymentReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { durationText } from '../terminal/duration.ts';
import { printable } from '../terminal/style.ts';
import { firstLine } from './words.ts';

const COLOURS = { switched: 'green', failed: 'red', cancelled: 'dim', superseded: 'dim' } as const;

/** The phase in its colour; `switched` in yellow where some of its hosts do not have it. */
export function phaseText({ paint }: Context, { phase, results }: DeploymentReply): string {
  const isPartial = phase === 'switched' && results.some(({ success }) => success === false);
  const colour = isPartial ? 'yellow' : (COLOURS[phase as keyof typeof COLOURS] ?? 'yellow');
  return paint(colour, printable(phase));
}

/** From the request to the end; of one that goes on, nothing. */
export function tookText({ requested_at: from, finished_at: to }: DeploymentReply): string {
  return to === null ? '-' : durationText(Date.parse(to) - Date.parse(from));
}

/** Why it is not in place, or not everywhere, in one line: an excerpt of the source below it is for `show`. */
export function whyText({ phase, stage, reason, results }: DeploymentReply): string {
  if (phase === 'switched') {
    const failed = results.filter(({ success }) => success === false);
    return failed.map(({ supervisor, error = 'failed' }) => `${supervisor}: ${error}`).join('; ');
  }
  if (reason === null) return '';
  const line = firstLine(reason);
  return phase === 'failed' && stage !== null ? `${stage}: ${line}` : line;
}
