import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { CALLER_HEADER, RUNNER_KEY_HEADER } from './protocol.ts';

/** Request headers with this prefix belong to the platform and never reach an app, but for the one that is meant for it. */
const PLATFORM_PREFIX = 'tabbify-';

/**
 * Makes the check every request passes before the app sees it: does it carry the runner's key, exactly once?
 * The comparison takes the same time wherever the values differ. All `tabbify-*` headers, the key among them,
 * are removed from the request, but for `CALLER_HEADER`: whoever has the key sets it himself.
 *
 * @param runnerKey the value the node has to show in `RUNNER_KEY_HEADER`
 */
export function createGuard(runnerKey: string): (request: IncomingMessage) => boolean {
  const expected = Buffer.from(runnerKey);
  return (request) => {
    const shown = takePlatformHeaders(request);
    if (shown.length !== 1) return false;
    const given = Buffer.from(shown[0] ?? '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}

/** Removes platform headers from every view of the request; gives back the keys it showed. */
function takePlatformHeaders(request: IncomingMessage): readonly string[] {
  // Both views are made of the raw list when they are first asked for, so ask before it gets shorter.
  const { rawHeaders, headers, headersDistinct } = request;
  const keys: string[] = [];
  let kept = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower.startsWith(PLATFORM_PREFIX) && lower !== CALLER_HEADER) {
      if (lower === RUNNER_KEY_HEADER) keys.push(value);
      delete headers[lower];
      delete headersDistinct[lower];
    } else {
      rawHeaders[kept] = name;
      rawHeaders[kept + 1] = value;
      kept += 2;
    }
  }
  rawHeaders.length = kept;
  return keys;
}
