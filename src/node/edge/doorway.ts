import type { IncomingMessage } from 'node:http';
import type { TabbifyError } from '../../kit/index.ts';
import type { RequestHead } from '../../runner/index.ts';
import { hostMountUrl, officeOrigin, originOf, type Place } from './addresses.ts';
import type { EdgeApp } from './app-directory.ts';
import type { EdgeCredential } from './edge-credential.ts';
import type { EdgeSessions } from './edge-sessions.ts';
import type { Admission } from './exchange.ts';
import {
  callDenied,
  closedTo,
  credentialEnded,
  foreignPage,
  noHostMount,
  privateApp,
  unknownApp,
} from './known-refusals.ts';
import { isAppsOwnPage, isPageLoad } from './page-load.ts';
import type { Passage } from './passage.ts';
import type { Tethers } from './tethers.ts';

/** A longer target (characters) is forgotten on the way: each of them may become three, and a server reads 16 KiB of headers. */
const MAX_TARGET = 4_000;

/** What becomes of somebody at the door of an app. */
export type Entrance =
  | {
      readonly kind: 'in';
      /** What the visit hangs on; null: on nothing. */
      readonly admission: Admission | null;
    }
  /** A browser has to go somewhere else first. */
  | { readonly kind: 'elsewhere'; readonly location: string };

export interface DoorwayTools {
  readonly place: Place;
  readonly tethers: Tethers;
  readonly recognise: (authorization: string) => EdgeCredential | null;
  /** Null: nobody can sign in. */
  readonly sessions: EdgeSessions | null;
  /** See `EdgeOptions`. */
  readonly publicUntil: ((app: string) => AbortSignal) | null;
  readonly onRefused: (
    request: IncomingMessage,
    principal: EdgeCredential['principal'],
    error: TabbifyError,
  ) => void;
}

/**
 * Checks the right to open an app and leaves only the app's own `Authorization` values. Who is known and has no part in
 * the app's office is answered as if there were no such app.
 *
 * @throws TabbifyError with the refusal
 */
export type Doorway = (request: IncomingMessage, passage: Passage, head: RequestHead) => Entrance;

export function createDoorway(tools: DoorwayTools): Doorway {
  const { place, tethers, recognise, sessions, publicUntil, onRefused } = tools;

  function byCredential({ app }: Passage, head: RequestHead): readonly EdgeCredential[] {
    const shown: EdgeCredential[] = [];
    for (const value of head.authorization) {
      const credential = recognise(value);
      if (credential === null) head.headers.push('authorization', value);
      else if (app.visibility === 'private') shown.push(credential);
    }
    return shown;
  }

  /** On the app's own host, by the cookie that the office's code was changed for. */
  function byAppsCookie(request: IncomingMessage, passage: Passage, head: RequestHead): Entrance {
    const { app } = passage;
    const opener = sessions?.ofApp(head.officeCookies, app, head.host) ?? null;
    if (opener?.standing(app) === 'opens') {
      if (!isAppsOwnPage(request, originOf(place, head.host))) throw foreignPage(app.slug);
      return { kind: 'in', admission: { ended: opener.ended, tethers, refusal: credentialEnded } };
    }
    if (sessions === null || !isPageLoad(request)) throw refusalOf(passage, opener);
    const target = passage.target.length > MAX_TARGET ? '/' : passage.target;
    const wanted = encodeURIComponent(`${originOf(place, head.host)}${target}`);
    return { kind: 'elsewhere', location: `${officeOrigin(place, head.host)}/open?to=${wanted}` };
  }

  /** The office's cookie comes along to the path mount. It opens nothing there; it only tells where the app is. */
  function byOfficesCookie(request: IncomingMessage, passage: Passage, head: RequestHead): Entrance {
    const { app, prefix, target } = passage;
    if (sessions === null || !isPageLoad(request)) throw refusalOf(passage, null);
    const opener = sessions.ofOffice(head.officeCookies);
    if (opener === null) {
      const wanted = encodeURIComponent(`${prefix}${target.length > MAX_TARGET ? '/' : target}`);
      return { kind: 'elsewhere', location: `/login?to=${wanted}` };
    }
    if (opener.standing(app) !== 'opens') throw refusalOf(passage, opener);
    const location = hostMountUrl(place, head.host, app, target);
    if (location === null) throw noHostMount(app.id);
    return { kind: 'elsewhere', location };
  }

  function ofEverybody({ id, slug }: EdgeApp): Admission | null {
    if (publicUntil === null) return null;
    return { ended: publicUntil(id), tethers, refusal: () => privateApp(slug) };
  }

  return (request, passage, head) => {
    const shown = byCredential(passage, head);
    const { app, call } = passage;
    if (call !== null) return { kind: 'in', admission: { ended: call.ended, tethers, refusal: callDenied } };
    if (app.visibility === 'public') return { kind: 'in', admission: ofEverybody(app) };
    const opener = shown.find((each) => each.standing(app) === 'opens');
    if (opener !== undefined)
      return { kind: 'in', admission: { ended: opener.ended, tethers, refusal: credentialEnded } };
    const known = shown.find((each) => each.principal !== null) ?? null;
    try {
      if (shown.length > 0) throw refusalOf(passage, known);
      return passage.prefix === null
        ? byAppsCookie(request, passage, head)
        : byOfficesCookie(request, passage, head);
    } catch (error) {
      onRefused(request, known?.principal ?? null, error as TabbifyError);
      throw error;
    }
  };
}

/** @param known the visitor's credential, when it is somebody's */
function refusalOf({ app, prefix }: Passage, known: EdgeCredential | null) {
  const name = prefix === null ? app.slug : app.id;
  if (known?.principal == null) return privateApp(name);
  return known.standing(app) === 'foreign' ? unknownApp(name) : closedTo(known.principal.name, name);
}
