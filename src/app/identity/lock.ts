import { parse, TomlError } from 'smol-toml';
import { isUuid } from '../../kit/index.ts';
import { appError } from '../errors.ts';

/** Name of the file beside the manifest that remembers which app the folder is. */
export const LOCK_FILE = 'tabbify.lock';

/** What `tabbify.lock` holds. */
export interface Lock {
  readonly appId: string;
  /** Number of the last version pushed from here; 0 before the first. */
  readonly latestVersion: number;
}

/**
 * Reads `tabbify.lock` (TOML: `app_id`, `latest_version`).
 *
 * @throws lock_invalid
 */
export function parseLock(text: string): Lock {
  const { app_id: appId, latest_version: latestVersion = 0 } = tableOf(text);
  if (typeof appId !== 'string' || !isUuid(appId)) throw invalid('`app_id` is missing or no UUID');
  if (typeof latestVersion !== 'number' || !Number.isInteger(latestVersion) || latestVersion < 0) {
    throw invalid('`latest_version` is no whole number');
  }
  return { appId: appId.toLowerCase(), latestVersion };
}

/** Text of `tabbify.lock`. */
export function formatLock(lock: Lock): string {
  return [
    '# Which app this folder is. Written by `tcli push`; keep it in version control.',
    `app_id = "${lock.appId}"`,
    `latest_version = ${lock.latestVersion}`,
    '',
  ].join('\n');
}

/**
 * Which app a folder is: `[app].id`, else the lock, else none yet (CONTRACTS §3).
 *
 * @throws identity_conflict when the two differ
 */
export function resolveIdentity(manifestId: string | null, lock: Lock | null): string | null {
  if (manifestId !== null && lock !== null && manifestId.toLowerCase() !== lock.appId) {
    throw appError('identity_conflict', {
      what: 'The folder names two apps',
      why: `\`[app].id\` is ${manifestId} and \`app_id\` in ${LOCK_FILE} is ${lock.appId}`,
      hint: `Delete \`id\` from the manifest to go on with the app of ${LOCK_FILE}, or delete ${LOCK_FILE} to go on with the one of the manifest.`,
    });
  }
  return manifestId?.toLowerCase() ?? lock?.appId ?? null;
}

function tableOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) throw invalid(`line ${error.line} is no TOML`, error);
    throw error;
  }
}

function invalid(why: string, cause?: unknown) {
  return appError('lock_invalid', {
    what: `${LOCK_FILE} cannot be read`,
    why,
    hint: `Restore ${LOCK_FILE} from version control, or delete it to push the folder as a new app.`,
    cause,
  });
}
