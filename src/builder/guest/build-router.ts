/** What is asked of Hono here (`app.router`, `app.routes`), as of its version 3. */
interface Routed {
  readonly router: { readonly name: string; match(method: string, path: string): unknown };
  readonly routes: readonly unknown[];
}

/** Of Hono's usual router as long as it has not been asked for any route. */
const NOT_BUILT = 'SmartRouter';

/**
 * Has Hono build its router now, at build time: it would do so with the first request, which is two thirds of all that this one costs, and where
 * each request gets an instance as it was before its first one, each would. Nothing of the app is called for it. A route that is added later
 * is refused, as it is by Hono after its first request. Of any other app nothing is changed.
 */
export function buildRouter(app: object): void {
  const { router, routes } = app as Partial<Routed>;
  if (router?.name !== NOT_BUILT || typeof router.match !== 'function') return;
  if (!Array.isArray(routes) || routes.length === 0) return;
  try {
    router.match('GET', '/');
  } catch {
    // It says so to each request.
  }
}
