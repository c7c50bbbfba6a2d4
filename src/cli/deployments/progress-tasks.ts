import {
  DefaultRenderer,
  Listr,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTask,
  type ListrTaskWrapper,
  ProcessOutput,
} from 'listr2';
import { durationText } from '../terminal/duration.ts';
import type { TerminalOutput } from '../terminal/io.ts';
import { type Paint, printable, type Style } from '../terminal/style.ts';
import { type DeploymentView, gotOnFrom, type HostView, UNHEARD } from './deployment-view.ts';
import { type DeploymentDrawing, doingText, type WorkBefore } from './progress.ts';
import { awayText, detailText, hostNames, hostText, onHowMany } from './words.ts';

/** listr2 asks whether the process's stdout is a terminal; here it is stderr that is drawn on, and that was asked already. */
class StderrRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

type Wrapper = ListrTaskWrapper<object, typeof StderrRenderer, typeof StderrRenderer>;
type Task = ListrTask<object, typeof StderrRenderer, typeof StderrRenderer>;

/** Milliseconds between two looks at the clock. */
const TICK_MS = 200;

/** What a task shows and when it has ended. */
interface Stage {
  readonly doing: (view: DeploymentView) => string;
  readonly done: (view: DeploymentView) => string;
  readonly isOver: (view: DeploymentView) => boolean;
  readonly hasFailed?: (view: DeploymentView) => boolean;
}

/**
 * Progress as tasks on a terminal: one for each phase that happens, below `Starting` one for each host where there are
 * several. They are drawn anew until the end, and stay then.
 *
 * @param before work that goes on until the first `show`
 */
export function progressTasks(out: TerminalOutput, paint: Paint, before: WorkBefore): DeploymentDrawing {
  let view: DeploymentView | null = null;
  let ended: 'done' | 'failed' | 'left' | null = null;
  let awayMs: number | null = null;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const each of waiting) each();
  };
  const until = async (isSo: () => boolean) => {
    while (!isSo() && ended === null) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  const now = () => view ?? UNHEARD;

  /** Runs one task: its title says what is done and for how long, then what was done and how long it took. */
  const run = async (task: Wrapper, { doing, done, isOver, hasFailed }: Stage) => {
    const begun = performance.now();
    const timed = (text: string) => {
      const ms = performance.now() - begun;
      return ms < 100 ? text : `${text}  ${paint('dim', durationText(ms))}`;
    };
    const draw = () => {
      task.title = timed(doing(now()));
      task.output = awayMs === null ? null : awayText(awayMs);
    };
    draw();
    const clock = setInterval(draw, TICK_MS);
    try {
      await until(() => isOver(now()));
    } finally {
      clearInterval(clock);
      task.output = null;
    }
    if (!isOver(now()) && ended === 'left') {
      task.skip(`${doing(now())} (${view === null ? 'stopped' : 'goes on'})`);
      return;
    }
    const failed = hasFailed?.(now()) ?? !isOver(now());
    task.title = timed(failed && hasFailed === undefined ? doing(now()) : done(now()));
    if (failed) throw new Error('not in place'); // listr2 only marks it; what went wrong is told by who ends this
  };

  const stage = (isWanted: (seen: DeploymentView) => boolean, words: Stage): Task => ({
    title: words.doing(UNHEARD),
    enabled: () => view !== null && isWanted(view),
    task: (_, task) => run(task, words),
  });
  const hostTask = ({ supervisor }: HostView): Task => {
    const host = (of: DeploymentView) => of.hosts.find((each) => each.supervisor === supervisor);
    const text = (of: DeploymentView) => `${printable(supervisor)}  ${hostText(host(of) ?? WAITING)}`;
    return {
      title: supervisor,
      task: (_, task) =>
        run(task, {
          doing: text,
          done: text,
          isOver: (of) => ['serving', 'failed'].includes(host(of)?.state ?? 'waiting'),
          hasFailed: (of) => host(of)?.state !== 'serving',
        }),
    };
  };

  const tasks = new Listr<object, typeof StderrRenderer, typeof StderrRenderer>(
    [
      {
        title: doingText(before),
        task: (_, task) =>
          run(task, {
            doing: () =>
              view === null || before.until !== undefined ? doingText(before) : 'Waiting for its turn',
            done: () => before.done,
            isOver: (of) => (view === null ? ended === 'done' : gotOnFrom(of, before.until ?? 'requested')),
          }),
      },
      stage(({ seen }) => seen.has('awaiting_approval') && before.until === undefined, {
        doing: () => 'Waiting for a yes',
        done: () => 'Approved',
        isOver: (of) => gotOnFrom(of, 'approved'),
      }),
      stage(({ seen }) => seen.has('building'), {
        doing: (of) => `Building${of.phase === 'building' ? detailText(of) : ''}`,
        done: () => 'Built',
        isOver: (of) => gotOnFrom(of, 'building'),
      }),
      stage(({ seen }) => seen.has('placing') || seen.has('starting'), {
        doing: () => 'Choosing where it runs',
        done: ({ hosts }) => `Goes to ${hostNames(hosts)}`,
        isOver: (of) => gotOnFrom(of, 'placing') && of.hosts.length > 0,
      }),
      {
        title: 'Starting',
        enabled: () => now().seen.has('starting') && now().hosts.length > 0,
        task: (_, task) => {
          const { hosts } = now();
          const [only] = hosts;
          if (only !== undefined && hosts.length === 1) return run(task, startingOnOne(only));
          task.title = `Starting on ${hosts.length} hosts`;
          const of = task.newListr(hosts.map(hostTask), { concurrent: true, exitOnError: false });
          const settle = async () => {
            await until(() => now().hosts.every(({ state }) => state === 'serving' || state === 'failed'));
            task.title = `Ready${onHowMany(now().hosts)}`;
          };
          void settle();
          return of;
        },
      },
      stage(({ seen }) => seen.has('switched') || seen.has('healthy'), {
        doing: () => 'Moving visitors to it',
        done: ({ hosts }) => `In place${onHowMany(hosts)}`,
        isOver: ({ phase }) => phase === 'switched',
      }),
    ],
    {
      renderer: StderrRenderer,
      registerSignalListeners: false,
      rendererOptions: {
        logger: new ListrLogger({
          processOutput: new ProcessOutput(out as NodeJS.WriteStream, out as NodeJS.WriteStream),
        }),
        collapseSubtasks: false,
        showErrorMessage: false,
        ...marks(paint),
      },
    },
  );
  const drawn = tasks.run().catch(() => {}); // a task that failed is drawn as that

  return {
    show(next) {
      view = next;
      wake();
    },
    away(forMs) {
      awayMs = forMs;
    },
    async end(how) {
      ended = how;
      wake();
      await drawn;
    },
  };
}

const WAITING: Pick<HostView, 'state' | 'reason'> = { state: 'waiting', reason: null };

function startingOnOne({ supervisor }: HostView): Stage {
  return {
    doing: () => `Starting on ${printable(supervisor)}`,
    done: ({ hosts: [host = WAITING] }) =>
      host.state === 'serving' ? `Ready on ${printable(supervisor)}` : `Starting ${hostText(host)}`,
    isOver: ({ hosts: [host = WAITING] }) => host.state === 'serving' || host.state === 'failed',
    hasFailed: ({ hosts: [host = WAITING] }) => host.state !== 'serving',
  };
}

/** The marks of the other commands, in colours where there are colours. */
function marks(paint: Paint) {
  const icon = {
    [ListrDefaultRendererLogLevels.COMPLETED]: '✓',
    [ListrDefaultRendererLogLevels.FAILED]: '✗',
    [ListrDefaultRendererLogLevels.COMPLETED_WITH_FAILED_SUBTASKS]: '!',
    [ListrDefaultRendererLogLevels.FAILED_WITH_FAILED_SUBTASKS]: '✗',
    [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: '-',
  };
  const levels = Object.values(ListrDefaultRendererLogLevels);
  const color = Object.fromEntries(
    levels.map((level) => [level, (text = '') => paint(COLOURS[level] ?? 'reset', text)]),
  );
  return { icon, color };
}

const COLOURS: Partial<Record<ListrDefaultRendererLogLevels, Style>> = {
  [ListrDefaultRendererLogLevels.PENDING]: 'cyan',
  [ListrDefaultRendererLogLevels.COMPLETED]: 'green',
  [ListrDefaultRendererLogLevels.COMPLETED_WITH_FAILED_SUBTASKS]: 'yellow',
  [ListrDefaultRendererLogLevels.FAILED]: 'red',
  [ListrDefaultRendererLogLevels.FAILED_WITH_FAILED_SUBTASKS]: 'red',
  [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: 'yellow',
};
