/** What an app is asked for when its manifest names no `health.path` (CONTRACTS §4). */
const FRONT_PAGE = '/';

/**
 * Does this answer say that the app is well (ADR 19)? A path of its own choosing answers 2xx or 3xx then. On the front page,
 * which an app need not have, anything says so but an error of the server: 404 is a good answer, 500 is none.
 *
 * @param status of HTTP
 */
export function isHealthy(path: string, status: number): boolean {
  return path === FRONT_PAGE ? status < 500 : status >= 200 && status < 400;
}

/** Is there anything to wait for, where nothing else serves? On the front page an error is as much as there will be. */
export function isPresent(path: string, status: number): boolean {
  return path === FRONT_PAGE || isHealthy(path, status);
}
