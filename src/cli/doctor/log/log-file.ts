import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { cliError } from '../../errors.ts';

/**
 * The log of the home.
 *
 * @throws TabbifyError `log_missing`
 */
export async function logFileOf({ home }: Pick<Context, 'home'>): Promise<string> {
  const file = join(home, 'log.db');
  if ((await stat(file).catch(() => null))?.isFile()) return file;
  throw cliError('log_missing', {
    what: `There is no log in ${home}`,
    why: 'an office makes it at its first start',
    hint: 'Name the home with --home or TABBIFY_HOME.',
  });
}

/**
 * Where a copy keeps its log: the file itself, or `log.db` in a folder such as a home.
 *
 * @throws TabbifyError `log_missing`
 */
export async function logFileIn(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return path;
  if (found?.isDirectory() && (await stat(join(path, 'log.db')).catch(() => null))?.isFile())
    return join(path, 'log.db');
  throw cliError('log_missing', {
    what: `${path} is no copy of a log`,
    why: found === null ? 'there is nothing there' : 'it is neither a file nor a folder with a log.db',
    hint: 'Name a copy of log.db, or the folder that holds it.',
  });
}
