import { access, chmod, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../kit/index.ts';
import { officeError } from './errors.ts';

/** Paths below `TABBIFY_HOME` that more than one part knows. */
export interface HomePaths {
  readonly log: string;
  /** Keys of sealed bodies. */
  readonly keys: string;
  readonly objects: string;
  readonly ownerKey: string;
  readonly record: string;
  /** Which version of Tabbify had the home open last. */
  readonly version: string;
}

/** Where things lie in a home. */
export function homePaths(home: string): HomePaths {
  return {
    log: join(home, 'log.db'),
    keys: join(home, 'keys'),
    objects: join(home, 'objects'),
    ownerKey: join(home, 'node.key'),
    record: join(home, 'office.json'),
    version: join(home, 'version'),
  };
}

/**
 * Makes the home directory, readable by its owner alone (0700).
 *
 * @throws TabbifyError `home_unusable`
 */
export async function prepareHome(home: string): Promise<HomePaths> {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw officeError('home_unusable', {
      what: `Cannot use ${home} as the office's home`,
      why: messageOf(error),
      hint: 'Choose another directory with --home or TABBIFY_HOME',
      cause: error,
    });
  }
  return homePaths(home);
}
