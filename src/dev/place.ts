import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAlive, messageOf, startTimeOf } from '../kit/index.ts';
import { bundleRunner, openSocketDirectory } from '../runner/index.ts';
import { describeRuntimes, type RuntimePlace, type RuntimesHere } from '../runtimes/index.ts';
import { sweepBoxes } from '../sandbox/index.ts';
import { devError } from './errors.ts';

/** Where this process keeps what belongs to an app that is being written. */
export interface DevPlace {
  /** A home of its own below the office's, so that neither ends or removes what is the other's. */
  readonly home: string;
  readonly runtimes: RuntimePlace;
  readonly here: RuntimesHere;
  /** Folder of this process alone; removed by `close`, or by the next one that starts. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Lays down the programs that run apps, sees what this machine can do, and ends and removes what was left by one that was killed.
 *
 * @param officeHome `TABBIFY_HOME`; made if missing
 * @throws TabbifyError `dev_place_unusable`, `bundle_failed`, `socket_directory_unsafe`
 */
export async function openPlace(officeHome: string): Promise<DevPlace> {
  const home = join(officeHome, 'dev');
  const runs = join(home, 'run');
  const { pid } = process;
  const folder = join(runs, `${pid}.${startTimeOf(pid) ?? 0}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw devError('dev_place_unusable', {
      what: `${home} cannot be used`,
      why: messageOf(error),
      hint: 'Choose another home with --home or TABBIFY_HOME.',
      cause: error,
    });
  }
  await Promise.all([sweepRuns(runs), sweepBoxes({ home }, undefined, false)]);
  const [bundle, here] = await Promise.all([bundleRunner({ home }), describeRuntimes({ home })]);
  return {
    home,
    runtimes: { home, sockets: openSocketDirectory(), programs: dirname(bundle.mainPath) },
    here,
    folder,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Folders of processes that were killed. */
async function sweepRuns(runs: string): Promise<void> {
  for (const name of await readdir(runs)) {
    const [pid, start_time] = name.split('.').map(Number);
    if (pid === undefined || start_time === undefined || isAlive({ pid, start_time })) continue;
    await rm(join(runs, name), { recursive: true, force: true });
  }
}
