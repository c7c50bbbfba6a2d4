import { keepBoxWaiting, prepareBuilder } from '../builder/index.ts';
import { createLogger, TabbifyError } from '../kit/index.ts';
import type { OfficeConfig } from './config.ts';

/**
 * Readies the builder's caches in the background (at low priority), so that the first push of a TypeScript app takes as long
 * as every other, and keeps a box waiting for the next build until the signal aborts. Never rejects: an office whose builder cannot be readied is open all the same, and the push will say why.
 */
export async function prepareBuilds(config: OfficeConfig, signal: AbortSignal): Promise<void> {
  try {
    await prepareBuilder(config.home, signal);
    await keepBoxWaiting(config.home, signal);
  } catch (error) {
    if (error instanceof TabbifyError && error.code === 'build_aborted') return;
    createLogger('office', config.logLevel).warn({ err: error }, 'the builder could not be readied');
  }
}
