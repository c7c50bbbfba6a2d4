import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { skipWithout } from '../requirements.ts';
import { Browser, findBrowser, type Tab } from './browser.ts';
import { get } from './get.ts';
import { TestOffice } from './office.ts';

const program = findBrowser();
let office: TestOffice;
let browser: Browser;
beforeAll(async () => {
  if (program === null) return;
  office = await TestOffice.create('up');
  await office.open();
  expect((await office.tabbify('office', 'create', 'Bakery', '--slug', 'bakery')).code).toBe(0);
  for (const [name, slug] of [
    ['diary', 'default'],
    ['diary', 'bakery'],
    ['ledger', 'bakery'],
  ] as const)
    await pushApp(name, slug);
  browser = await Browser.launch(program, ['evil.example', 'rebound.example']);
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await office?.[Symbol.asyncDispose]();
});

/** Tells what it was sent, and by `/seen` what it was ever asked. */
const APP = `
const seen: string[] = [];
export default {
  fetch(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === '/seen') return Response.json(seen);
    seen.push(request.method + ' ' + pathname);
    const headers = JSON.stringify([...request.headers]);
    return new Response('<title>diary</title><pre id="headers">' + headers.replaceAll('<', '&lt;') + '</pre><form method="post" action="/note"><button>Note</button></form>', {
      headers: [['content-type', 'text/html'], ['set-cookie', 'own=1; Path=/'], ['set-cookie', '__Host-tabbify-app=planted; Path=/; Secure']],
    });
  },
};
`;

async function pushApp(name: string, slug: string): Promise<void> {
  const folder = join(office.directory, `${slug}-${name}`);
  await mkdir(join(folder, 'src'), { recursive: true });
  await writeFile(
    join(folder, 'tabbify.toml'),
    `[app]\nname = "${name}"\n\n[build]\nmain = "src/index.ts"\n`,
  );
  await writeFile(join(folder, 'src/index.ts'), APP);
  const { code, stderr } = await office.tcli('push', folder, '--office', slug);
  expect([code, stderr]).toEqual([0, expect.anything()]);
}

const port = () => new URL(office.url).port;
const at = (host: string, path = '/') => `http://${host}:${port()}${path}`;
/** What the app was asked, as it says itself. */
async function seen(host: string): Promise<string[]> {
  const authorization = `Bearer ${await office.ownerKey()}`;
  const { body } = await get(`${office.url}/seen`, { host: `${host}:${port()}`, authorization });
  return JSON.parse(body);
}

/** Somebody who has pressed the button of a link. */
async function signedIn(): Promise<Tab> {
  const { code, stdout, stderr } = await office.tabbify('login');
  expect([code, stderr]).toEqual([0, expect.stringContaining('works once')]);
  const tab = await browser.person();
  await tab.open(stdout.trim());
  expect(await tab.text()).toContain('Sign in as owner?');
  await tab.press('button');
  expect(await tab.text()).toContain('You are signed in as owner');
  return tab;
}

test('a person opens a private app: told to sign in, signs in by the link, and is there', async (context) => {
  context.skip(skipWithout('chromium', program !== null));
  const tab = await browser.person();
  await tab.open(at('diary.localhost', '/page?x=1'));
  expect([await tab.url(), await tab.text()]).toEqual([
    expect.stringContaining(at('localhost', '/login?to=')),
    expect.stringContaining('tabbify login'),
  ]);
  expect(await seen('diary.localhost')).not.toContain('GET /page');
  await tab.run(
    `document.querySelector('input[name=token]').value = ${JSON.stringify(await office.ownerKey())}`,
  );
  await tab.press('button');
  expect(await tab.url()).toBe(at('diary.localhost', '/page?x=1'));
  expect(await tab.text()).not.toMatch(/__Host-tabbify|tbf_/);
  await tab.press('button');
  expect(await tab.url()).toBe(at('diary.localhost', '/note'));
  expect(await tab.text()).toContain('own=1');
  expect(await seen('diary.localhost')).toEqual(['GET /', 'GET /page', 'POST /note']); // the first by its host
  const cookies = await tab.cookies();
  expect(cookies.filter(({ name }) => name !== 'own')).toMatchObject(
    ['localhost', 'diary.localhost'].map((domain) => ({
      ...{ domain, name: expect.stringMatching(/^__Host-tabbify(-app)?$/), path: '/' },
      ...{ secure: true, httpOnly: true, sameSite: 'Lax', value: expect.not.stringContaining('planted') },
    })),
  );
  expect(await tab.run('document.cookie')).toBe('own=1');
});

test('a link signs in at once, at 127.0.0.1 too, and signing out closes the apps', async (context) => {
  context.skip(skipWithout('chromium', program !== null));
  const tab = await signedIn();
  await tab.open(at('diary.bakery.localhost', '/b'));
  expect(await tab.url()).toBe(at('diary.bakery.localhost', '/b'));
  await tab.open(at('localhost', `/app/${await uuidOf('diary')}/c?d=e`));
  expect(await tab.url()).toBe(at('diary.localhost', '/c?d=e'));
  await tab.open(at('localhost'));
  await tab.press('button');
  expect(await tab.text()).not.toContain('You are signed in');
  await tab.open(at('diary.bakery.localhost', '/after'));
  expect(await tab.url()).toContain(at('localhost', '/login?to='));
  expect(await seen('diary.bakery.localhost')).not.toContain('GET /after');

  const other = await browser.person();
  await other.open(at('127.0.0.1', '/login'));
  await other.run(
    `document.querySelector('input[name=token]').value = ${JSON.stringify(await office.ownerKey())}`,
  );
  await other.press('button');
  expect([await other.url(), await other.text()]).toEqual([
    at('127.0.0.1'),
    expect.stringContaining('You are signed in as owner'),
  ]);
});

async function uuidOf(name: string): Promise<string> {
  const { apps } = (await (await office.api('/v1/apps')).json()) as {
    apps: { name: string; uuid: string }[];
  };
  return apps.find((app) => app.name === name)?.uuid ?? '';
}

/** What a page tries against another origin that its visitor is signed in at, each way that a browser has. */
const attacks = (origin: string) => `(async () => {
  const target = ${JSON.stringify(origin)};
  const tried = [];
  const attempt = async (what, how) => tried.push([what, await how().then((value) => value, () => 'failed')]);
  for (const mode of ['cors', 'no-cors'])
    for (const method of ['GET', 'POST'])
      await attempt(mode + ' ' + method, async () => {
        const answer = await fetch(target + '/steal-' + mode, { mode, method, credentials: 'include' });
        return answer.type === 'opaque' ? 'opaque' : await answer.text();
      });
  await attempt('beacon', async () => String(navigator.sendBeacon(target + '/steal-beacon', 'x')));
  for (const tag of ['img', 'script', 'iframe'])
    await attempt(tag, () => new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('failed');
      element.src = target + '/steal-' + tag;
      document.body.append(element);
    }));
  await attempt('form', () => new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = 'frame';
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: target + '/steal-form', target: 'frame' });
    document.body.append(frame, form);
    frame.onload = () => resolve('loaded');
    form.submit();
  }));
  await attempt('socket', () => new Promise((resolve) => {
    const socket = new WebSocket(target.replace('http', 'ws') + '/steal-socket');
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('failed');
  }));
  return tried;
})()`;

test('pages of other origins reach no app of who is signed in, also not from next door on the same site', async (context) => {
  context.skip(skipWithout('chromium', program !== null));
  await using evil = await evilPage();
  const tab = await signedIn();
  await tab.open(at('diary.bakery.localhost', '/mine'));
  expect(await seen('diary.bakery.localhost')).toContain('GET /mine');
  for (const from of [evil.url, at('ledger.bakery.localhost')]) {
    await tab.open(from);
    expect(await tab.url()).toBe(from);
    const tried = (await tab.run(attacks(at('diary.bakery.localhost').slice(0, -1)))) as string[][];
    expect(tried).toHaveLength(10);
    expect(tried.filter(([, told]) => told?.includes('__Host') || told === 'open')).toEqual([]);
  }
  expect((await seen('diary.bakery.localhost')).filter((each) => each.includes('steal'))).toEqual([]);
  await tab.open(at('diary.bakery.localhost', '/still'));
  expect(await tab.url()).toBe(at('diary.bakery.localhost', '/still'));
});

test('neither an app nor a foreign page does anything at the office in the name of who is signed in', async (context) => {
  context.skip(skipWithout('chromium', program !== null));
  await using evil = await evilPage();
  const tab = await signedIn();
  const head = await headOfLog();
  for (const from of [evil.url, at('ledger.bakery.localhost')]) {
    await tab.open(from);
    const told = await tab.run(`(async () => {
      const told = [];
      for (const path of ['/v1/self', '/v1/apps', '/v1/tokens', '/'])
        for (const [mode, method] of [['cors', 'GET'], ['no-cors', 'GET'], ['no-cors', 'POST']])
          told.push(await fetch(${JSON.stringify(at('localhost').slice(0, -1))} + path, { mode, method, credentials: 'include' })
            .then((answer) => answer.type === 'opaque' ? '' : answer.text(), () => ''));
      return told.join('');
    })()`);
    expect(told).toBe('');
    for (const path of ['/logout', '/login']) {
      await tab.open(from);
      await tab.run(`(() => {
        const form = document.createElement('form');
        Object.assign(form, { method: 'post', action: ${JSON.stringify(at('localhost', path))} });
        form.innerHTML = '<input name="token" value="x"><button id="go">go</button>';
        document.body.append(form);
      })()`);
      await tab.press('#go');
      expect(await tab.text()).toContain('origin_foreign');
    }
  }
  await tab.open(at('rebound.example'));
  expect(await tab.text()).toContain('does not answer for');
  await tab.open(at('localhost'));
  expect(await tab.text()).toContain('You are signed in as owner');
  const said = (await (await office.api(`/v1/events?from=${head + 1}&limit=200`)).json()) as {
    events: { type: string }[];
  };
  const types = new Set(said.events.map(({ type }) => type));
  for (const type of ['session_ended', 'credential_issued', 'session_started'])
    expect(types).not.toContain(type);
});

test('after kill -9 everybody is signed in who was, and no app asks anew', async (context) => {
  context.skip(skipWithout('chromium', program !== null));
  const tab = await signedIn();
  await tab.open(at('diary.localhost', '/before'));
  const unused = (await office.tabbify('login')).stdout.trim();
  await office.kill();
  await office.open();
  await tab.open(at('diary.localhost', '/after?it=1'));
  expect(await tab.url()).toBe(at('diary.localhost', '/after?it=1'));
  expect(await seen('diary.localhost')).toContain('GET /after');
  const code = new URL(unused).search;
  await tab.open(at('localhost', `/login${code}`));
  expect(await tab.text()).toContain('used up');
});

async function headOfLog(): Promise<number> {
  const { position } = (await (await office.api('/v1/state')).json()) as { position: number };
  return position;
}

/** A page that somebody else has put on the net. */
async function evilPage() {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>evil</title>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://evil.example:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
