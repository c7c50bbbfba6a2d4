import { isUuid, newId } from '../../kit/index.ts';
import { appError } from '../errors.ts';

/** The id of a new app: UUID v7 (CONTRACTS §3). */
export function newAppId(): string {
  return newId();
}

/**
 * The canonical (lower-case) form of an app id.
 *
 * @param text a UUID of any version: apps deployed from a repository carry a v5
 * @throws app_id_invalid
 */
export function canonicalAppId(text: string): string {
  if (!isUuid(text)) {
    throw appError('app_id_invalid', {
      what: `${JSON.stringify(text.slice(0, 80))} is not an app id`,
      why: 'an app id is a UUID',
      hint: 'Copy the id from `tabbify apps`.',
    });
  }
  return text.toLowerCase();
}
