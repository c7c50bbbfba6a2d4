import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { OTHER, TINY } from './testing/apps.ts';
import { LEDGER, type PrivateApps, startPrivateApps } from './testing/private-apps.ts';
import { issue } from './testing/tokens.ts';
import type { Visitor } from './testing/visitor.ts';

let apps: PrivateApps;
let sockets: WebSocketServer;
const opened: (string | undefined)[] = [];
beforeAll(async () => {
  apps = await startPrivateApps();
  sockets = new WebSocketServer({ server: apps.host.runner });
  sockets.on('connection', (_socket, request) => opened.push(request.headers.cookie));
});
afterAll(async () => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  await apps.close();
});
beforeEach(() => {
  apps.canary.length = 0;
  apps.setCookie = [];
  opened.length = 0;
});

const diary = (path = '/') => `${apps.at('diary.localhost')}${path}`;
const cookiesOf = ({ jar }: Visitor, host: string) => Object.fromEntries(jar.get(host) ?? []);
const APP_COOKIE = '__Host-tabbify-app';

/** The code with which the office sends this browser to the diary. */
async function codeFor(browser: Visitor, address = diary('/')): Promise<string> {
  const answer = await browser.ask(`${apps.at('localhost')}/open?to=${encodeURIComponent(address)}`);
  expect([answer.status, answer.location]).toEqual([303, expect.stringContaining('/_tabbify/session?code=')]);
  return new URL(answer.location ?? '').searchParams.get('code') ?? '';
}

/** A browser that is signed in and has opened the diary. */
async function reader(token?: string): Promise<Visitor> {
  const browser = await apps.signedIn(token);
  expect((await browser.open(diary())).at(-1)?.text).toBe('diary');
  apps.canary.length = 0;
  return browser;
}

describe('the hand-over', () => {
  test('a browser without a session goes to the office, signs in, and comes back to where it wanted to go', async () => {
    const browser = apps.browser();
    const before = await browser.open(diary('/pages/7?x=1&y=%2F'));
    expect(before.map(({ status }) => status)).toEqual([303, 303, 200]);
    expect(before.at(-1)?.url).toContain(`${apps.at('localhost')}/login?to=`);
    expect(before.at(-1)?.text).toContain(`<code>diary.localhost:${apps.port}</code> is private`);
    expect(apps.canary).toEqual([]);
    const to = new URL(before.at(-1)?.url ?? '').searchParams.get('to') ?? '';
    const after = await browser.open(`${apps.at('localhost')}/login`, {
      method: 'POST',
      form: { token: apps.node.token, to },
    });
    expect(after.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303, 200]);
    expect(after.at(-1)).toMatchObject({ url: diary('/pages/7?x=1&y=%2F'), text: 'diary' });
    expect(apps.canary.map(({ at }) => at)).toEqual([`diary.localhost:${apps.port}/pages/7?x=1&y=%2F`]);
    for (const { headers, status } of after.slice(0, -1)) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': expect.stringMatching(/^(no-referrer|same-origin)$/),
      });
      expect(status).toBe(303);
    }
  });

  test('a long address is kept on the way, one that no server would read is not', async () => {
    const long = diary(`/?q=${'%C3%A9'.repeat(600)}`);
    expect((await (await apps.signedIn()).open(long)).at(-1)).toMatchObject({ url: long, text: 'diary' });
    const tooLong = diary(`/?q=${'%C3%A9'.repeat(1_500)}`);
    expect((await (await apps.signedIn()).open(tooLong)).at(-1)).toMatchObject({
      url: diary(),
      text: 'diary',
    });
  });

  test('a browser that is signed in is let in without a word, and asked nothing the next time', async () => {
    const browser = await apps.signedIn();
    const first = await browser.open(diary('/a'));
    expect(first.map(({ status }) => status)).toEqual([303, 303, 303, 303, 200]);
    expect((await browser.open(diary('/b'))).map(({ status }) => status)).toEqual([200]);
    const [set = ''] = first.flatMap(({ setCookie }) => setCookie);
    expect(set).toMatch(/^__Host-tabbify-app=[^;]+; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/);
  });

  test('the app sees neither cookie, and may not set one of ours', async () => {
    const browser = await reader();
    browser.jar.get('diary.localhost')?.set('own', '1').set('__Host-tabbify-x', 'canary');
    apps.setCookie = [
      'own=2; Path=/',
      '__Host-tabbify=evil; Path=/; Secure',
      '__HOST-Tabbify-app=evil; Path=/; Secure',
      '=__Host-tabbify=evil',
      ' __Host-tabbify-app=evil',
    ];
    const answer = await browser.ask(diary('/c'));
    expect(answer.setCookie).toEqual(['own=2; Path=/']);
    expect(apps.canary).toHaveLength(1);
    expect(apps.canary[0]?.raw).toContain('own=1');
    expect(apps.canary[0]?.raw).not.toMatch(/__Host-tabbify|canary/i);
  });

  test('what is no page load keeps its 401, which says how to sign in', async () => {
    const browser = await apps.signedIn();
    for (const headers of [
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      { 'sec-fetch-mode': null, 'sec-fetch-dest': null, accept: '*/*' },
    ]) {
      const answer = await browser.ask(diary(), { headers: { ...headers, accept: '*/*' } });
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
        401,
        { code: 'credential_missing', hint: expect.stringContaining('tabbify login') },
      ]);
    }
    expect((await browser.ask(diary(), { method: 'POST' })).status).toBe(401);
    expect(apps.canary).toEqual([]);
  });

  test('where a browser says nothing of what it loads, whoever asks for HTML is sent to the office', async () => {
    const answer = await apps
      .browser()
      .ask(diary(), { headers: { 'sec-fetch-mode': null, 'sec-fetch-dest': null } });
    expect(answer.location).toContain('/open?to=');
  });

  test('an app of another office opens for its people and for an owner of the machine, and is unknown to others', async () => {
    const theirs = `${apps.at('diary.bakery.localhost')}/x`;
    for (const token of [apps.boss, apps.node.token]) {
      expect((await (await apps.signedIn(token)).open(theirs)).at(-1)).toMatchObject({
        status: 200,
        text: 'diary',
      });
    }
    const { token } = await issue(apps.node, { name: `anna-${Date.now()}`, role: 'viewer' });
    const stranger = await apps.signedIn(token);
    apps.canary.length = 0;
    const refused = (await stranger.open(theirs)).at(-1);
    const unknown = (
      await stranger.open(
        `${apps.at('localhost')}/open?to=${encodeURIComponent(theirs.replace('diary', 'nothing'))}`,
      )
    ).at(-1);
    expect([refused?.status, unknown?.status]).toEqual([404, 404]);
    expect(refused?.text).toBe(unknown?.text.replaceAll('nothing', 'diary'));
    expect((await stranger.open(diary())).at(-1)?.text).toBe('diary');
    expect(apps.canary).toHaveLength(1);
  });

  test('a browser that keeps no cookie is told so, and is not sent to and fro', async () => {
    const browser = await apps.signedIn();
    const code = await codeFor(browser);
    const answer = await browser.ask(diary(`/_tabbify/session?code=${code}`));
    browser.jar.get('diary.localhost')?.clear();
    const after = await browser.open(new URL(answer.location ?? '', answer.url).href);
    expect(after.map(({ status }) => status)).toEqual([401]);
    expect(after[0]?.text).toContain('did not keep');
  });
});

describe('what does not open an app:', () => {
  test('a code a second time', async () => {
    const code = await codeFor(await apps.signedIn());
    const take = () => apps.browser().open(diary(`/_tabbify/session?code=${code}`));
    expect((await take()).at(-1)?.text).toBe('diary');
    const again = await take();
    expect(again.map(({ status }) => status)).toEqual([410]);
    expect(again[0]?.setCookie).toEqual([]);
    expect(again[0]?.text).not.toContain(code);
    expect(apps.canary).toHaveLength(1);
  });

  test('the code of another app, of the app of that name in another office, and at the office', async () => {
    const browser = await apps.signedIn();
    for (const host of ['ledger.localhost', 'diary.bakery.localhost', 'diary.localhost.']) {
      const answer = await apps
        .browser()
        .ask(`${apps.at(host)}/_tabbify/session?code=${await codeFor(browser)}`);
      expect([host, answer.status, answer.setCookie]).toEqual([host, 410, []]);
    }
    const code = await codeFor(browser);
    expect((await apps.browser().ask(`${apps.at('localhost')}/_tabbify/session?code=${code}`)).status).toBe(
      404,
    );
    expect(
      (await apps.browser().ask(`${apps.at('localhost')}/app/${TINY}/_tabbify/session?code=${code}`)).status,
    ).toBe(404);
    expect(apps.canary).toEqual([]);
  });

  test('anything at the platform’s own path but the page load that the office sends', async () => {
    const browser = await reader();
    const path = `/_tabbify/session?code=${await codeFor(browser)}`;
    for (const method of ['POST', 'PUT', 'OPTIONS']) {
      expect([method, (await browser.ask(diary(path), { method })).status]).toEqual([method, 404]);
    }
    for (const other of [
      '/_tabbify/session',
      '/_tabbify/session/x?code=y',
      '/_tabbify/%73ession?code=y',
      '//_tabbify/session?code=y',
    ]) {
      expect([other, (await browser.ask(diary(other))).status]).toEqual([other, 404]);
    }
    const cookie = `${APP_COOKIE}=${cookiesOf(browser, 'diary.localhost')[APP_COOKIE]}`;
    const socket = new WebSocket(`ws://127.0.0.1:${apps.port}${path}`, {
      headers: { host: `diary.localhost:${apps.port}`, cookie, origin: diary().slice(0, -1) },
    });
    const [error] = await once(socket, 'error');
    expect(error.message).toBe('Unexpected server response: 404');
    expect([apps.canary, opened]).toEqual([[], []]);
    expect((await browser.ask(diary(path))).status).toBe(303); // it was not used up
  });

  test('a code that was guessed', async () => {
    for (const code of ['', 'x', 'A'.repeat(43), `${'A'.repeat(43)}&code=y`]) {
      expect((await apps.browser().ask(diary(`/_tabbify/session?code=${code}`))).status).toBe(410);
    }
    expect(apps.canary).toEqual([]);
  });

  test('a code after signing out, and the cookie of the app after it', async () => {
    const browser = await reader();
    const code = await codeFor(browser);
    await browser.ask(`${apps.at('localhost')}/logout`, { method: 'POST', form: {} });
    expect((await apps.browser().ask(diary(`/_tabbify/session?code=${code}`))).status).toBe(410);
    expect((await browser.ask(diary())).status).toBe(303);
    expect(apps.canary).toEqual([]);
  });

  test('the cookie of one app at another app, at another host of it, and at the office', async () => {
    const { [APP_COOKIE]: stolen = '' } = cookiesOf(await reader(), 'diary.localhost');
    for (const host of ['ledger.localhost', 'diary.bakery.localhost', 'diary.localhost.']) {
      const thief = apps.browser();
      const answer = await thief.ask(apps.at(host), { headers: { cookie: `${APP_COOKIE}=${stolen}` } });
      expect([host, answer.status]).toEqual([host, 303]);
    }
    for (const name of [APP_COOKIE, '__Host-tabbify']) {
      const headers = { cookie: `${name}=${stolen}`, 'sec-fetch-site': 'same-origin' };
      const answer = await apps.browser().ask(`${apps.at('localhost')}/v1/apps`, { headers });
      expect([name, answer.status]).toEqual([name, 401]);
    }
    expect(apps.canary).toEqual([]);
  });

  test('the cookie of the office at an app', async () => {
    const { '__Host-tabbify': stolen = '' } = cookiesOf(await apps.signedIn(), 'localhost');
    for (const name of [APP_COOKIE, '__Host-tabbify']) {
      const answer = await apps.browser().ask(diary(), { headers: { cookie: `${name}=${stolen}` } });
      expect([name, answer.status]).toEqual([name, 303]);
    }
    expect(apps.canary).toEqual([]);
  });

  test('a cookie that was changed, or planted beside the right one', async () => {
    const { [APP_COOKIE]: right = '' } = cookiesOf(await reader(), 'diary.localhost');
    const last = right.at(-1) === 'A' ? 'B' : 'A';
    const cookies = [
      `${APP_COOKIE}=${right.slice(0, -2)}${last}${right.at(-1)}`,
      `${APP_COOKIE}=${right.slice(0, 36)}.`,
      `${APP_COOKIE}=${right}; ${APP_COOKIE}=other`,
      `${APP_COOKIE.toLowerCase()}=${right}`,
    ];
    for (const cookie of cookies) {
      expect([cookie, (await apps.browser().ask(diary(), { headers: { cookie } })).status]).toEqual([
        cookie,
        303,
      ]);
    }
    expect(apps.canary).toEqual([]);
  });

  test('the path mount, whichever cookie comes along: a page load is sent to the app’s own host, all else refused', async () => {
    const browser = await reader();
    const mount = `${apps.at('localhost')}/app/${TINY}/p?q=1`;
    const headers = {
      'sec-fetch-mode': 'cors',
      'sec-fetch-dest': 'empty',
      accept: '*/*',
      'sec-fetch-site': 'same-origin',
    };
    expect((await browser.ask(mount, { headers })).status).toBe(401);
    expect((await browser.ask(mount, { method: 'POST' })).status).toBe(401);
    expect(await browser.ask(mount)).toMatchObject({ status: 303, location: diary('/p?q=1') });
    expect(await apps.browser().ask(mount)).toMatchObject({
      status: 303,
      location: `/login?to=${encodeURIComponent(`/app/${TINY}/p?q=1`)}`,
    });
    expect(apps.canary).toEqual([]);
    const login = { method: 'POST', form: { token: apps.node.token, to: `/app/${TINY}/p?q=1` } };
    const after = await apps.browser().open(`${apps.at('localhost')}/login`, login);
    expect(after.at(-1)).toMatchObject({ url: diary('/p?q=1'), text: 'diary' });
  });

  test('the path mount of another office’s app tells its name to nobody who has no part in it', async () => {
    const { token } = await issue(apps.node, { name: `bert-${Date.now()}`, role: 'viewer' });
    const stranger = await apps.signedIn(token);
    const answer = await stranger.ask(`${apps.at('localhost')}/app/${OTHER}/`);
    expect([answer.status, answer.location]).toEqual([404, undefined]);
    expect(answer.text).not.toMatch(/diary|bakery/);
    const { location = '' } = await apps.browser().ask(`${apps.at('localhost')}/app/${OTHER}/`);
    expect(location).not.toMatch(/diary|bakery/);
  });
});

describe('with the cookie of the app,', () => {
  const site = (from: string, mode = 'cors') => ({
    'sec-fetch-site': from,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': 'empty',
  });
  const evil = () => apps.at('ledger.localhost');

  test('pages of other origins get nothing, not even those next door', async () => {
    const browser = await reader();
    const loads = [
      { headers: { ...site('cross-site'), origin: 'https://evil.example' } },
      { headers: { ...site('same-site'), origin: evil() } },
      { headers: site('same-site', 'no-cors') },
      { headers: { ...site('cross-site', 'navigate'), 'sec-fetch-dest': 'iframe' } },
      {
        method: 'POST',
        headers: { ...site('same-site', 'navigate'), 'sec-fetch-dest': 'document', origin: evil() },
      },
      { method: 'POST', headers: { ...site('cross-site', 'navigate'), origin: 'null' } },
      { method: 'POST', headers: { 'sec-fetch-site': null, 'sec-fetch-mode': null, origin: evil() } },
      { method: 'POST', headers: { 'sec-fetch-site': null, 'sec-fetch-mode': null, origin: null } },
      { method: 'DELETE', headers: { 'sec-fetch-site': null, 'sec-fetch-mode': null, origin: 'null' } },
      { headers: { 'sec-fetch-site': null, 'sec-fetch-mode': null, origin: evil() } },
    ];
    for (const load of loads) {
      const answer = await browser.ask(diary('/do'), {
        ...load,
        headers: { accept: '*/*', ...load.headers },
      });
      expect([load, answer.status, JSON.parse(answer.text).code]).toEqual([load, 403, 'origin_foreign']);
    }
    expect(apps.canary).toEqual([]);
  });

  test('the app’s own pages get all, and a link from anywhere opens a page', async () => {
    const browser = await reader();
    const own = diary().slice(0, -1);
    const loads = [
      { headers: site('same-origin') },
      { method: 'POST', headers: { ...site('same-origin'), origin: own } },
      { method: 'POST', headers: { ...site('same-origin', 'navigate'), origin: 'null' } },
      { method: 'PUT', headers: { 'sec-fetch-site': null, 'sec-fetch-mode': null, origin: own } },
      { headers: { 'sec-fetch-site': 'cross-site' } },
    ];
    for (const load of loads) expect([load, (await browser.ask(diary(), load)).status]).toEqual([load, 200]);
    expect(apps.canary).toHaveLength(loads.length);
  });

  test('a WebSocket opens from the app’s own pages alone, and ends with the session', async () => {
    const browser = await reader();
    const cookie = `${APP_COOKIE}=${cookiesOf(browser, 'diary.localhost')[APP_COOKIE]}; own=1`;
    const dial = (origin: string | undefined) =>
      new WebSocket(`ws://127.0.0.1:${apps.port}/`, {
        headers: {
          host: `diary.localhost:${apps.port}`,
          cookie,
          ...(origin === undefined ? {} : { origin }),
        },
      });
    for (const origin of [
      undefined,
      'null',
      evil(),
      apps.at('localhost'),
      diary().replace('http:', 'https:'),
    ]) {
      const socket = dial(origin);
      const [error] = await once(socket, 'error');
      expect([origin, error.message]).toEqual([origin, 'Unexpected server response: 403']);
    }
    expect(opened).toEqual([]);
    const socket = dial(diary().slice(0, -1));
    await once(socket, 'open');
    expect(opened).toEqual(['own=1']);
    await browser.ask(`${apps.at('localhost')}/logout`, { method: 'POST', form: {} });
    await expect.poll(() => socket.readyState, { timeout: 5_000 }).toBe(WebSocket.CLOSED);
  });
});

describe('no redirect leads out of the office:', () => {
  test.each([
    'https://evil.example/',
    'http://diary.localhost.evil.example/',
    'http://evil.example:8090/',
    'http://diary.localhost@evil.example/',
    'javascript:alert(1)',
    '//evil.example/',
    '/\\evil.example',
    '/x',
    '',
    'http://localhost/',
  ])('/open?to=%s', async (to) => {
    const answer = await (await apps.signedIn()).ask(
      `${apps.at('localhost')}/open?to=${encodeURIComponent(to)}`,
    );
    expect([answer.status, answer.location]).toEqual([400, undefined]);
  });

  test('another scheme, port or password in the address of an app is not taken over', async () => {
    const browser = await apps.signedIn();
    for (const to of [
      'https://diary.localhost:1/x',
      'http://a:b@diary.localhost/x',
      'ftp://diary.localhost/x',
    ]) {
      const { location } = await browser.ask(`${apps.at('localhost')}/open?to=${encodeURIComponent(to)}`);
      expect(location ?? diary('/_tabbify/session?code=')).toMatch(
        new RegExp(`^http://diary\\.localhost:${apps.port}/_tabbify/session\\?code=`),
      );
    }
  });

  test('after signing in, and after the hand-over', async () => {
    const browser = await reader();
    const evil = [
      '//evil.example/',
      '/\\evil.example/',
      '/\t/evil.example',
      '/.//evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      'http://evil.example@diary.localhost/',
    ];
    for (const to of evil) {
      const after = await browser.ask(`${apps.at('localhost')}/login?kept=1&to=${encodeURIComponent(to)}`);
      const over = await browser.ask(diary(`/_tabbify/session?to=${encodeURIComponent(to)}`));
      for (const { location = '', url } of [after, over]) {
        const { origin } = new URL(location, url);
        expect([to, location, origin]).toEqual([to, location, new URL(url).origin]);
      }
    }
    expect(apps.canary).toEqual([]);
  });

  test('a host that was rebound to the office gets no page of it', async () => {
    const browser = await apps.signedIn();
    const { '__Host-tabbify': cookie = '' } = cookiesOf(browser, 'localhost');
    for (const path of [
      '/',
      '/login',
      `/open?to=${encodeURIComponent(diary())}`,
      '/v1/apps',
      '/_tabbify/session?code=x',
    ]) {
      const answer = await browser.ask(`${apps.at('localhost')}${path}`, {
        headers: { host: 'rebound.example', cookie: `__Host-tabbify=${cookie}` },
      });
      expect([path, answer.status, answer.setCookie]).toEqual([path, 421, []]);
    }
  });
});

test('a session that is asked for a code by no page load gets none', async () => {
  const browser = await apps.signedIn();
  const answer = await browser.ask(`${apps.at('localhost')}/open?to=${encodeURIComponent(diary())}`, {
    headers: { 'sec-fetch-mode': 'no-cors' },
  });
  expect([answer.status, answer.location]).toEqual([403, undefined]);
});

test('what a session has opened ends with its credential, on streams too', async () => {
  const { token, id } = await issue(apps.node, { name: `carl-${Date.now()}`, role: 'viewer' });
  const browser = await reader(token);
  const streamed = browser.ask(`${apps.at('ledger.localhost')}/`); // not handed over yet
  expect((await streamed).status).toBe(303);
  const open = browser.ask(diary('/stream'));
  await expect.poll(() => apps.canary.length).toBe(1);
  await apps.node.call(`/v1/tokens/${id}`, { method: 'DELETE' });
  await expect(open).rejects.toThrow(/aborted|hang up|reset/);
  expect((await browser.ask(diary())).status).toBe(303);
  expect((await browser.ask(`${apps.at('localhost')}/v1/self`)).status).toBe(401);
  expect(LEDGER).not.toBe(TINY);
});
