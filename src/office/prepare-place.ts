import { flushCompileCache } from 'node:module';
import { createLogger } from '../kit/index.ts';
import { bundleRunner } from '../runner/index.ts';
import type { OfficeConfig } from './config.ts';
import { prepareHome } from './home.ts';

/**
 * Does what can be done for an office beside one that is still open in its home: lays down the program that serves apps, which
 * takes half a second once per version, and writes down what was compiled, so that threads need not do it again. That the code
 * is loaded is the rest of a start.
 *
 * @throws TabbifyError `home_unusable`, `bundle_failed`
 */
export async function preparePlace(config: OfficeConfig): Promise<void> {
  const { home, logLevel } = config;
  await prepareHome(home);
  await bundleRunner({ home, logger: createLogger('office', logLevel) });
  flushCompileCache();
}
