import { LineSink } from '../line-sink.ts';
import type { ByteSink } from './wasi/io/output-stream.ts';
import { READY } from './wasi/io/waitable.ts';

const PERMIT_BYTES = 64 * 1024;

/** A standard stream of one instance, which takes all that is written. */
export class LineOutput extends LineSink implements ByteSink {
  readonly ready = READY.ready;
  readonly watch = READY.watch;
  readonly unwatch = READY.unwatch;

  permit(): number {
    return PERMIT_BYTES;
  }
}
