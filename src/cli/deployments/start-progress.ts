import type { Context } from '../context.ts';
import { painter } from '../terminal/style.ts';
import { type DeploymentDrawing, type DeploymentProgress, doingText, type WorkBefore } from './progress.ts';
import { progressLines } from './progress-lines.ts';

/** Between two lines about work that takes long (milliseconds). */
const SAY_EVERY_MS = 10_000;

const SILENT: DeploymentProgress = { show() {}, away() {}, async pause() {}, resume() {}, async end() {} };

/**
 * Tasks that are drawn anew on a terminal, a line for each fact elsewhere (a log of CI has no use for each fact twice, as
 * begun and as ended), nothing for machines.
 *
 * @param before goes on until the first `show`
 */
export async function deploymentProgress(context: Context, before: WorkBefore): Promise<DeploymentProgress> {
  const { io, json } = context;
  if (json) return SILENT;
  if (io.stderr.isTTY === true && io.env.TERM !== 'dumb') {
    const { progressTasks } = await import('./progress-tasks.ts');
    return redrawn((work) => progressTasks(io.stderr, painter(io, io.stderr), work), before);
  }
  const say = (text: string) => void io.stderr.write(`${text}\n`);
  say(doingText(before));
  const lines = progressLines(say);
  if (typeof before.doing === 'string') return lines;
  const timer = setInterval(() => say(doingText(before)), SAY_EVERY_MS).unref();
  return {
    show(view) {
      clearInterval(timer);
      lines.show(view);
    },
    away: lines.away,
    pause: lines.pause,
    resume: lines.resume,
    end(how) {
      clearInterval(timer);
      return lines.end(how);
    },
  };
}

/** Draws anew below what stands there after each pause. */
function redrawn(draw: (before: WorkBefore) => DeploymentDrawing, before: WorkBefore): DeploymentProgress {
  let drawing = draw(before);
  return {
    show: (view) => drawing.show(view),
    away: (forMs) => drawing.away(forMs),
    end: (how) => drawing.end(how),
    pause: () => drawing.end('left'),
    resume(work) {
      drawing = draw(work);
    },
  };
}
