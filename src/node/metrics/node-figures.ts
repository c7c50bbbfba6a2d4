import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createAnswerFigures, type TimedResponse } from '../../runner/index.ts';

/** Nanoseconds of a millisecond. */
const NS = 1e6;

/** What the node itself does, since it began. */
export interface NodeFigures {
  /** A request has come. */
  begin(to: 'app' | 'office', response: TimedResponse): void;
  /** See `AnswerFigures.stats`. */
  answers(to: 'app' | 'office'): Readonly<Record<string, number>>;
  /** Milliseconds by which the event loop was late since this was asked last. */
  loopDelay(): { readonly p50: number; readonly p99: number; readonly max: number };
  memoryBytes(): number;
  /** Events appended since the node began. */
  appended(): number;
  close(): void;
}

/** @param position of the last event of the log */
export function startNodeFigures(position: () => number): NodeFigures {
  const figures = { app: createAnswerFigures(), office: createAnswerFigures() };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  const begun = position();
  delay.enable();
  return {
    begin: (to, response) => figures[to].begin(response),
    answers: (to) => figures[to].stats(),
    loopDelay() {
      const ms = (value: number) => Math.max(0, (Number.isFinite(value) ? value : 0) / NS - 10); // less the timer's own 10
      const seen = { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) };
      delay.reset();
      return seen;
    },
    memoryBytes: () => process.memoryUsage.rss(),
    appended: () => position() - begun,
    close: () => void delay.disable(),
  };
}
