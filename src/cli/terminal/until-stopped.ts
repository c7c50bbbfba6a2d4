import type { Io } from './io.ts';

/**
 * Resolves at Ctrl-C, at SIGTERM, or when the caller's signal aborts. A second Ctrl-C then ends the process at once; a second
 * SIGTERM changes nothing, since two who close the same office mean the same.
 */
export function untilStopped(io: Io): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    const asked = () => {
      process.off('SIGTERM', stop);
      stop();
    };
    if (io.signal?.aborted) asked();
    io.signal?.addEventListener('abort', asked, { once: true });
  });
}
