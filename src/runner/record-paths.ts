import { join } from 'node:path';

/** Where the record of a runner may lie: `staged` from its spawn until traffic flips to it, `primary` afterwards. */
export interface RecordPaths {
  readonly staged: string;
  readonly primary: string;
}

/** Paths of a runner's record under `TABBIFY_HOME` (CONTRACTS §8); a flip renames `staged` over `primary`. */
export function recordPaths(home: string, app: string, generation: number): RecordPaths {
  return {
    staged: join(home, 'runners', `${app}.g${generation}.json`),
    primary: join(home, 'runners', `${app}.json`),
  };
}

/** The log that all runners of an app append to. */
export function logPath(home: string, app: string): string {
  return join(home, 'runners', `${app}.log`);
}
