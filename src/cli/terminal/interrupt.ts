import { TabbifyError } from '../../kit/index.ts';
import { cliError } from '../errors.ts';
import type { Io } from './io.ts';

/** Ctrl-C as an abort signal, while work runs that has child processes or requests to end. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
  /** What to tell when work ended with an error: after Ctrl-C that, unless the error says more about it. */
  explain(error: unknown): unknown;
}

/**
 * The first Ctrl-C aborts the signal; a second one, or one after disposal, ends the process as usual. It goes on listening
 * meanwhile: what gives a terminal its cursor back (signal-exit) ends the process when it finds that nobody else listens.
 */
export function interruptOf(io: Io): Interrupt {
  const stop = new AbortController();
  const onInterrupt = () => {
    if (!stop.signal.aborted) return stop.abort(interrupted());
    process.off('SIGINT', onInterrupt);
    process.kill(process.pid, 'SIGINT');
  };
  process.on('SIGINT', onInterrupt);
  const signal = io.signal === undefined ? stop.signal : AbortSignal.any([io.signal, stop.signal]);
  return {
    signal,
    explain(error) {
      const isTold = error instanceof TabbifyError && error.code === 'stopped';
      return signal.aborted && !isTold ? signal.reason : error;
    },
    [Symbol.dispose]: () => void process.off('SIGINT', onInterrupt),
  };
}

function interrupted() {
  return cliError('stopped', {
    what: 'Stopped',
    why: 'Ctrl-C was pressed',
    hint: 'Run the same command again. What had reached the office by then goes on there: `tabbify events --limit 20` tells.',
  });
}
