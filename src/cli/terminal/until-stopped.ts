import type { Io } from './io.ts';

/** Resolves at Ctrl-C, at SIGTERM, or when the caller's signal aborts; a second Ctrl-C then ends the process at once. */
export function untilStopped(io: Io): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    if (io.signal?.aborted) stop();
    io.signal?.addEventListener('abort', stop, { once: true });
  });
}
