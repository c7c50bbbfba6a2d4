import { isUuid } from '../../kit/index.ts';

export const PATH_MOUNT = '/app/';
const UUID_LENGTH = 36;

/** A request target under the path mount. */
export interface PathMount {
  readonly id: string;
  /** `/app/<uuid>` as it was written: what `X-Forwarded-Prefix` says. */
  readonly prefix: string;
  /** The target as the app sees it, query included. */
  readonly target: string;
}

/**
 * Takes `/app/{uuid}[/rest][?query]` apart.
 *
 * @param target a request target that begins with `PATH_MOUNT`
 * @returns null when what follows is not a UUID
 */
export function readPathMount(target: string): PathMount | null {
  const end = PATH_MOUNT.length + UUID_LENGTH;
  const id = target.slice(PATH_MOUNT.length, end);
  const follows = target.charCodeAt(end); // NaN at the end of the text
  const bounded = Number.isNaN(follows) || follows === 47 || follows === 63;
  if (!bounded || !isUuid(id)) return null;
  const rest = target.slice(end);
  return {
    id: id.toLowerCase(),
    prefix: target.slice(0, end),
    target: rest === '' ? '/' : follows === 63 ? `/${rest}` : rest,
  };
}

const PLATFORM_PATH = '_tabbify';
/** Where the office sends a browser that opens a private app; the edge answers there, and no app. */
export const HAND_OVER_PATH = `/${PLATFORM_PATH}/session`;

/**
 * Is this target inside `/_tabbify/`, which only an app's own runner may call? Read the way a lenient framework
 * might: percent-decoding, empty and dot segments, backslashes and letter case do not help to get there.
 *
 * @param target an origin-form request target
 */
export function isPlatformPath(target: string): boolean {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (!/[%\\]|\/[./]|_tabbify/i.test(path)) return false;
  const segments: string[] = [];
  for (const segment of decoded(path).replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
    if (segments.length === 1 && segments[0]?.toLowerCase() === PLATFORM_PATH) return true;
  }
  return false;
}

/** Undoes percent-encoding until nothing changes, at most three layers deep. */
function decoded(path: string): string {
  let text = path;
  for (let layer = 0; layer < 3 && text.includes('%'); layer += 1) {
    text = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  return text;
}
