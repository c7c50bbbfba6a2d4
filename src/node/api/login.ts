import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { plainAddress } from '../../kit/index.ts';
import type { Principal } from '../credentials/principal.ts';
import { keepsSecureCookies, originOf, type Place } from '../edge/addresses.ts';
import type { HostNames } from '../edge/host-names.ts';
import { nodeError } from '../errors.ts';
import type { PageContent, PageForm } from '../page.ts';
import { problemOf } from '../problem.ts';
import { browserName } from '../sessions/browser-name.ts';
import { cookieText, OFFICE_COOKIE } from '../sessions/cookies.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Shown, SignIn } from '../sessions/sign-in.ts';
import type { ApiContext, ApiEnv, ApiRouter } from './context.ts';
import { signedInBy } from './web-guards.ts';
import { sendBrowser, webPage, webRefusal } from './web-page.ts';

export interface LoginTools {
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly place: Place;
  readonly hostNames: HostNames;
}

/** Bytes of what the pages' forms send. */
const MAX_FORM_BYTES = 16 << 10;
const FORM = 'application/x-www-form-urlencoded';

/** `GET,POST /login`, `POST /logout`: a person signs in and out with a browser. No page of it needs a script. */
export function addLogin(router: ApiRouter, tools: LoginTools): void {
  const { sessions, signIn, place } = tools;
  const keepsSignIn = (c: ApiContext) => keepsSecureCookies(place, c.req.header('host') ?? '');

  router.get('/login', (c) =>
    answered(() => {
      if (!keepsSignIn(c)) return webPage(plainHttpPage(c.req.header('host') ?? ''), 403);
      const { code, kept, to = '/' } = c.req.query();
      const signedIn = signedInBy(c, sessions);
      if (kept !== undefined) {
        return signedIn === null ? webPage(notKept(), 401) : sendBrowser(whereTo(c, tools, to));
      }
      if (code !== undefined) {
        const principal = signIn.whose(code, remoteOf(c));
        return webPage(linkPage(principal, signedIn?.principal ?? null, code));
      }
      if (signedIn !== null && to !== '/') return sendBrowser(whereTo(c, tools, to));
      if (signedIn !== null) return webPage(signedInPage(signedIn.principal));
      return webPage(loginPage(to, wantedBy(tools, to)));
    }),
  );

  router.post('/login', bodyLimit({ maxSize: MAX_FORM_BYTES }), (c) =>
    answered(async () => {
      requireOwnForm(c, place);
      if (!keepsSignIn(c)) return webPage(plainHttpPage(c.req.header('host') ?? ''), 403);
      const form = new URLSearchParams(await c.req.text());
      const to = form.get('to') ?? '/';
      const code = form.get('code');
      const shown: Shown = code === null ? { token: form.get('token') ?? '' } : { code };
      try {
        const browser = browserName(c.req.header('user-agent'));
        const before = signedInBy(c, sessions);
        const { cookie, maxAgeSec } = await signIn.enter(shown, remoteOf(c), browser);
        if (before !== null) await sessions.end(before.session.id, before.principal, 'signed in anew');
        const next = `/login?kept=1&to=${encodeURIComponent(to)}`;
        return sendBrowser(next, cookieText(OFFICE_COOKIE, cookie, maxAgeSec));
      } catch (error) {
        if (code !== null) throw error;
        const { status, title, detail } = problemOf(error);
        return webPage({ ...loginPage(to, null), title, paragraphs: [detail] }, status);
      }
    }),
  );

  router.post('/logout', bodyLimit({ maxSize: MAX_FORM_BYTES }), (c) =>
    answered(async () => {
      requireOwnForm(c, place);
      const signedIn = signedInBy(c, sessions);
      if (signedIn !== null) await sessions.end(signedIn.session.id, signedIn.principal, 'signed out');
      return sendBrowser('/', cookieText(OFFICE_COOKIE, '', 0));
    }),
  );
}

/** A refusal is a page as well: a browser asks. */
async function answered(answer: () => Response | Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    return webRefusal(error);
  }
}

/**
 * A form of the office's own page, and of nobody else's: who is made to sign in as another one would work for him.
 *
 * @throws origin_foreign, request_invalid
 */
function requireOwnForm(c: Context<ApiEnv>, place: Place): void {
  const from = c.req.header('origin');
  if (from !== originOf(place, c.req.header('host') ?? '')) {
    throw nodeError('origin_foreign', {
      what: 'Signing in and out is for the office’s own pages',
      why:
        from === undefined
          ? 'the request does not say where it comes from'
          : `the request comes from ${from}`,
      hint: 'Open /login in a tab of its own',
    });
  }
  if ((c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() === FORM) return;
  throw nodeError('request_invalid', {
    what: 'The form cannot be read',
    why: `it must be sent as ${FORM}`,
    hint: 'Open /login in a browser',
  });
}

/**
 * Where somebody wanted to go before he signed in: a path of the office, or an app's own address by way of `/open`. Given
 * in full, since a path may look like another host; anything else is the front page.
 */
function whereTo(c: ApiContext, tools: LoginTools, to: string): string {
  const own = originOf(tools.place, c.req.header('host') ?? '');
  if (to.startsWith('/')) {
    const url = URL.parse(to, own);
    return url?.origin === new URL(own).origin ? url.href : `${own}/`;
  }
  const app = wantedBy(tools, to);
  return app === null ? `${own}/` : `${own}/open?to=${encodeURIComponent(app.href)}`;
}

/** The address of an app that somebody wanted to open; null: he did not. */
function wantedBy({ hostNames }: LoginTools, to: string): URL | null {
  const url = URL.parse(to);
  return url !== null && /^https?:$/.test(url.protocol) && hostNames.roleOf(url.host).kind === 'app'
    ? url
    : null;
}

function remoteOf(c: ApiContext): string {
  return plainAddress(c.env.incoming?.socket.remoteAddress);
}

const SIGN_OUT: PageForm = { action: '/logout', button: 'Sign out' };

/** Words for who somebody is. */
export function personOf({ name, role, homeOffice }: Principal): string {
  return `\`${name}\`${role === null ? '' : ` (${role})`} of the office \`${homeOffice}\``;
}

/** What the sign-in page says to who is signed in already. */
function signedInPage(principal: Principal): PageContent {
  return {
    title: 'You are signed in.',
    paragraphs: [
      `This browser asks as ${personOf(principal)}. It opens your private apps at their own addresses.`,
    ],
    forms: [SIGN_OUT],
    foot: 'Back to the office: `/`',
  };
}

/** @param wanted address of the app that is to be opened */
function loginPage(to: string, wanted: URL | null): PageContent {
  return {
    title: 'Sign in to this office.',
    paragraphs: [
      ...(wanted === null
        ? []
        : [`What answers at \`${wanted.host}\` is private; it opens when you are signed in.`]),
      'On a machine that has your credential, have a link printed and open it here:',
    ],
    commands: [['It works once, for five minutes', 'npx tabbify login']],
    forms: [
      {
        action: '/login',
        button: 'Sign in',
        hidden: { to },
        secret: { name: 'token', label: 'Or paste your token' },
      },
    ],
    foot: 'A browser stays signed in for 30 days at most, and for a week without use.',
  };
}

function linkPage(principal: Principal, signedIn: Principal | null, code: string): PageContent {
  return {
    title: `Sign in as ${principal.name}?`,
    paragraphs: [
      `The link signs this browser in as ${personOf(principal)}. Press the button only if you had the link printed yourself.`,
      ...(signedIn === null ? [] : [`It is signed in as ${personOf(signedIn)} now; that ends.`]),
    ],
    forms: [{ action: '/login', button: `Sign in as ${principal.name}`, hidden: { code } }],
  };
}

function notKept(): PageContent {
  return {
    title: 'The browser did not keep the sign-in.',
    paragraphs: [
      'It was right, but the browser refused the cookie: cookies are off, or it keeps none that are for safe connections alone at this address.',
    ],
    action: 'Allow cookies for this address, use another browser, or open the office by https.',
  };
}

function plainHttpPage(host: string): PageContent {
  const port = /:(\d+)$/.exec(host)?.[1] ?? '80';
  return {
    title: 'Nobody can sign in at this address.',
    paragraphs: [
      'It is plain HTTP at a name that is not of this machine, where everybody on the way could read along; a browser refuses the cookie.',
    ],
    commands: [
      [
        'Bring the office to your own machine, and open `http://localhost` with the same port',
        `ssh -L ${port}:localhost:${port} <machine>`,
      ],
    ],
    action: 'Or put a proxy with TLS in front, and name its address by `TABBIFY_PUBLIC_URL`.',
  };
}
