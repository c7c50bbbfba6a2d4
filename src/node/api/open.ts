import { hostMountUrl, type Place } from '../edge/addresses.ts';
import type { AppDirectory } from '../edge/app-directory.ts';
import type { HostNames } from '../edge/host-names.ts';
import { closedTo, noHostMount, unknownApp } from '../edge/known-refusals.ts';
import { HAND_OVER_PATH } from '../edge/mount.ts';
import { standingOf } from '../edge-credentials.ts';
import { nodeError } from '../errors.ts';
import type { HandOver } from '../sessions/hand-over.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { ApiContext, ApiRouter } from './context.ts';
import { signedInBy } from './web-guards.ts';
import { sendBrowser, webRefusal } from './web-page.ts';

export interface OpenTools {
  readonly sessions: Sessions;
  readonly handOver: HandOver;
  readonly apps: AppDirectory;
  readonly place: Place;
  readonly hostNames: HostNames;
}

/**
 * `GET /open?to=<address at an app>`: a browser that came to a private app is sent back there with a one-use code, after
 * it has signed in if need be. The address is never gone to as it was given: app and path are read out of it, and the
 * app's own address is made anew.
 */
export function addOpen(router: ApiRouter, tools: OpenTools): void {
  router.get('/open', (c) => {
    try {
      return open(c, tools);
    } catch (error) {
      return webRefusal(error);
    }
  });
}

function open(c: ApiContext, { sessions, handOver, apps, place, hostNames }: OpenTools): Response {
  const mode = c.req.header('sec-fetch-mode');
  if (mode !== undefined && mode !== 'navigate') {
    throw nodeError('origin_foreign', {
      what: 'An app is opened in a tab of its own',
      hint: 'Open the address itself',
    });
  }
  const to = URL.parse(c.req.query('to') ?? '');
  const role = to === null ? null : hostNames.roleOf(to.host);
  if (to === null || role?.kind !== 'app') {
    throw nodeError('request_invalid', {
      what: 'There is no app at this address',
      why: '`to` must be the address of an app of this office',
      hint: 'Open the app’s own address; `tabbify apps` shows it',
    });
  }
  const signedIn = signedInBy(c, sessions);
  if (signedIn === null) return sendBrowser(`/login?to=${encodeURIComponent(to.href)}`);
  const { session, principal } = signedIn;
  const app = apps.bySlug(role.slug, role.office);
  const standing = app === undefined ? 'foreign' : standingOf(principal, app);
  if (app === undefined || (standing === 'foreign' && app.visibility === 'private'))
    throw unknownApp(role.slug);
  const target = `${to.pathname}${to.search}`;
  const url = hostMountUrl(place, c.req.header('host') ?? '', app, target);
  if (url === null) throw noHostMount(app.slug);
  if (app.visibility === 'public') return sendBrowser(url);
  if (standing !== 'opens') throw closedTo(principal.name, app.slug);
  const { origin, host } = new URL(url);
  const code = handOver.code(session.id, app, host, target);
  return sendBrowser(`${origin}${HAND_OVER_PATH}?code=${code}`);
}
