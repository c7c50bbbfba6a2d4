import type { IncomingMessage } from 'node:http';
import type { RequestHead } from '../../runner/index.ts';
import { nodeError } from '../errors.ts';
import { arrivedAt } from './addresses.ts';
import type { AppDirectory, EdgeApp } from './app-directory.ts';
import type { EdgeCall, EdgeCalls } from './edge-calls.ts';
import type { EdgeSessions } from './edge-sessions.ts';
import type { HostNames } from './host-names.ts';
import { unknownApp } from './known-refusals.ts';
import { HAND_OVER_PATH, isPlatformPath, PATH_MOUNT, readPathMount } from './mount.ts';

/** An app's request, let through. */
export interface Passage {
  readonly app: EdgeApp;
  /** What the app sees as request target. */
  readonly target: string;
  /** `/app/<uuid>`; null on the app's own host. */
  readonly prefix: string | null;
  /** It is the one path of `/_tabbify` that a browser may ask for, which the edge itself answers. */
  readonly isHandOver: boolean;
  /** The app of the office that calls; null: it came from outside. */
  readonly call: EdgeCall | null;
}

/** Where a request is looked up. */
export interface Directory {
  readonly hostNames: HostNames;
  readonly apps: AppDirectory;
  /** Null: nobody can sign in, so nobody is handed over. */
  readonly sessions: EdgeSessions | null;
  /** Null: apps do not call each other. */
  readonly calls: EdgeCalls | null;
}

/** Where the request goes; null: the office's own. @throws TabbifyError with the refusal */
export function passageOf(directory: Directory, request: IncomingMessage, head: RequestHead): Passage | null {
  const { hostNames, apps, sessions, calls } = directory;
  const url = request.url ?? '';
  if (head.appCalls.length > 0 && calls !== null) return ofCall(calls.admit(head.appCalls), url);
  const role = hostNames.roleOf(head.host);
  const foreign = role.kind === 'foreign' || (role.kind === 'address' && !arrivedAt(request, role.address));
  if (foreign || head.ambiguousHost) throw foreignHost(head);
  if (!url.startsWith('/')) throw notAPath();
  if (role.kind !== 'app' && !url.startsWith(PATH_MOUNT)) return null;
  const passage = role.kind === 'app' ? onHost(apps, role.slug, role.office, request) : underPath(apps, url);
  if (!(passage.isHandOver && sessions !== null)) refusePlatformPath(passage.target);
  return passage;
}

/** Who calls says by its credential which app is meant; what it names as host leads nowhere. */
function ofCall(call: EdgeCall, target: string): Passage {
  if (!target.startsWith('/')) throw notAPath();
  refusePlatformPath(target);
  return { app: call.app, target, prefix: null, isHandOver: false, call };
}

function refusePlatformPath(target: string): void {
  if (!isPlatformPath(target)) return;
  throw nodeError('route_unknown', {
    what: 'Nothing is served here',
    why: '/_tabbify belongs to the platform',
  });
}

function notAPath() {
  return nodeError('request_invalid', { what: 'The request target must be a path' });
}

function onHost(apps: AppDirectory, slug: string, office: string, request: IncomingMessage): Passage {
  const { url: target = '/', method, headers } = request;
  const app = apps.bySlug(slug, office);
  if (app === undefined) throw unknownApp(slug);
  const isHandOver =
    method === 'GET' && headers.upgrade === undefined && target.startsWith(`${HAND_OVER_PATH}?`);
  return { app, target, prefix: null, isHandOver, call: null };
}

function underPath(apps: AppDirectory, url: string): Passage {
  const mount = readPathMount(url);
  if (mount === null) {
    throw nodeError('app_id_malformed', {
      what: 'What follows /app/ is not an app id',
      why: 'an id is a UUID such as 0191e7c2-1111-7222-8333-444455556666',
      hint: 'See the ids with `tabbify apps`',
    });
  }
  const app = apps.byId(mount.id);
  if (app === undefined) throw unknownApp(mount.id);
  return { app, target: mount.target, prefix: mount.prefix, isHandOver: false, call: null };
}

function foreignHost(head: RequestHead) {
  return nodeError('host_foreign', {
    what: head.ambiguousHost
      ? 'The request carries two Host headers'
      : `This office does not answer for "${head.host}"`,
    hint: 'Use http://localhost with the port of the office, or set TABBIFY_PUBLIC_URL or TABBIFY_DOMAIN to that name',
  });
}
