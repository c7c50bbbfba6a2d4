import { describe, expect, test } from 'vitest';
import { useOfficePages } from './testing/office-pages.ts';
import { issue } from './testing/tokens.ts';
import { type Load, visitor } from './testing/visitor.ts';

const { apps, clock, office, api, post, cookieOf } = useOfficePages();
const codeOf = (link: string) => new URL(link).searchParams.get('code') ?? '';

describe('a sign-in link', () => {
  test('leads to a page that names who it is for; pressing its button signs in, once', async () => {
    const link = await apps().link();
    expect(link).toMatch(new RegExp(`^http://localhost:${apps().port}/login\\?code=[A-Za-z0-9_-]{43}$`));
    const browser = apps().browser();
    for (let look = 0; look < 2; look += 1) {
      const page = await browser.ask(link);
      expect([page.status, page.setCookie]).toEqual([200, []]);
      expect(page.text).toContain('Sign in as owner?');
      expect(page.text).not.toContain('<script');
    }
    const done = await post(browser, '/login', { code: codeOf(link) });
    expect(done.setCookie).toEqual([
      expect.stringMatching(
        /^__Host-tabbify=[0-9a-f-]{36}\.[A-Za-z0-9_-]{43}; Path=\/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    expect(done.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' });
    expect((await browser.ask(office())).text).toContain('You are signed in as <code>owner</code>');
    for (const answer of [
      await apps().browser().ask(link),
      await post(apps().browser(), '/login', { code: codeOf(link) }),
    ]) {
      expect([answer.status, answer.setCookie]).toEqual([410, []]);
      expect(answer.text).toContain('used up');
      expect(answer.text).toContain('tabbify login');
    }
  });

  test('is void after five minutes, when its credential has ended, and when the node was started anew', async () => {
    const late = await apps().link();
    clock.aheadMs = 5 * 60_000 + 1;
    expect((await post(apps().browser(), '/login', { code: codeOf(late) })).status).toBe(410);
    const { token, id } = await issue(apps().node, { name: 'anna', role: 'viewer' });
    const ended = await apps().link(token);
    await apps().node.call(`/v1/tokens/${id}`, { method: 'DELETE' });
    expect((await post(apps().browser(), '/login', { code: codeOf(ended) })).status).toBe(410);
    const before = await apps().link();
    await apps().node.restart();
    const { port } = new URL(apps().node.url);
    const again = await fetch(`http://127.0.0.1:${port}/login`, {
      method: 'POST',
      headers: { origin: `http://127.0.0.1:${port}` },
      body: new URLSearchParams({ code: codeOf(before) }),
    });
    expect(again.status).toBe(410);
    expect(await apps().node.events(['session_started'])).toEqual([]);
  });

  test('is made for people alone, and not by a browser', async () => {
    const agent = await issue(apps().node, { name: 'bot', kind: 'agent', scopes: ['read'] });
    const figures = await issue(apps().node, { name: 'prometheus', scopes: ['metrics'] });
    for (const { token } of [agent, figures]) {
      const refused = await apps().node.call('/v1/sessions', { method: 'POST', token });
      expect([refused.status, refused.json.code]).toEqual([403, 'not_allowed']);
      const pasted = await post(apps().browser(), '/login', { token });
      expect([pasted.status, pasted.setCookie]).toEqual([403, []]);
    }
    const browser = await apps().signedIn();
    const more = await api(browser, '/v1/sessions', { method: 'POST' });
    expect([more.status, JSON.parse(more.text).hint]).toEqual([
      403,
      expect.stringContaining('tabbify login'),
    ]);
    expect(await apps().node.events(['session_started'])).toHaveLength(1);
  });
});

describe('signing in', () => {
  test('by a pasted token; a wrong one is told so, with the form again', async () => {
    const browser = apps().browser();
    const wrong = await post(browser, '/login', { token: `tbf_${'A'.repeat(43)}`, to: '/docs' });
    expect([wrong.status, wrong.setCookie]).toEqual([401, []]);
    expect(wrong.text).toContain('name="token"');
    expect(wrong.text).toContain('value="/docs"');
    expect(wrong.text).not.toContain('tbf_A');
    const right = await browser.open(office('/login'), {
      method: 'POST',
      form: { token: ` ${apps().node.token}\n`, to: '/docs' },
    });
    expect(right.at(-1)?.url).toBe(office('/docs'));
    expect(right.map(({ url, text }) => `${url}${text}`).join('')).not.toContain(apps().node.token);
  });

  test('is for the office’s own page: nobody is made to sign in, or out', async () => {
    const link = await apps().link();
    const victim = await apps().signedIn();
    const own = cookieOf(victim);
    for (const origin of [
      'https://evil.example',
      'null',
      null,
      apps().at('diary.localhost'),
      'http://localhost:1',
    ]) {
      const headers = { origin, 'sec-fetch-site': null };
      const entered = await post(victim, '/login', { code: codeOf(link) }, headers);
      const left = await post(victim, '/logout', {}, headers);
      expect([origin, entered.status, entered.setCookie]).toEqual([origin, 403, []]);
      expect([origin, left.status, left.setCookie]).toEqual([origin, 403, []]);
    }
    const typed = await victim.ask(office('/login'), {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
    });
    expect(typed.status).toBe(400);
    expect(cookieOf(victim)).toBe(own);
    expect((await api(victim, '/v1/self')).status).toBe(200);
    expect((await post(apps().browser(), '/login', { code: codeOf(link) })).status).toBe(303); // it was not used up
  });

  test('always makes a new session, and ends the one that the browser had: none can be planted', async () => {
    const attacker = await apps().signedIn();
    const planted = cookieOf(attacker);
    const victim = apps().browser();
    victim.jar.set('localhost', new Map([['__Host-tabbify', planted]]));
    await post(victim, '/login', { token: apps().boss });
    expect(cookieOf(victim)).not.toBe(planted);
    expect(JSON.parse((await api(victim, '/v1/self')).text).name).toBe('boss');
    expect((await api(attacker, '/v1/self')).status).toBe(401);
    const invented = apps().browser();
    invented.jar.set('localhost', new Map([['__Host-tabbify', 'chosen']]));
    await post(invented, '/login', { token: apps().boss });
    expect(cookieOf(invented)).not.toBe('chosen');
  });

  test('wrong tries have to wait after some, right ones are not counted', async () => {
    for (let count = 0; count < 15; count += 1) {
      expect((await post(apps().browser(), '/login', { token: apps().node.token })).status).toBe(303);
    }
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      statuses.push(
        (await post(apps().browser(), '/login', { token: `tbf_${String(count).padStart(43, 'x')}` })).status,
      );
    }
    expect(statuses).toEqual([...Array(11).fill(401), 429]);
    const held = await apps()
      .browser()
      .ask(`${office('/login')}?code=x`);
    expect([held.status, held.headers['retry-after']]).toEqual([429, '10']);
    clock.aheadMs = 10_001;
    expect((await post(apps().browser(), '/login', { token: apps().node.token })).status).toBe(303);
  });

  test('says so where a browser keeps no sign-in', async () => {
    const headers = { host: `127.0.0.1:${apps().port}` };
    expect((await apps().browser().ask(office('/login'), { headers })).status).toBe(200);
    const after = await apps().browser().ask(office('/login?kept=1'));
    expect([after.status, after.text]).toEqual([401, expect.stringContaining('did not keep')]);
    await apps().node.restart({ domain: 'office.lan' });
    const { port } = new URL(apps().node.url);
    const link = (await apps().node.call('/v1/sessions', { method: 'POST' })).json.link;
    expect(new URL(link).host).toBe(`office.lan:${port}`);
    const form = { code: codeOf(link) };
    const at = `http://office.lan:${port}/login`;
    for (const [url, load] of [[at], [link], [at, { method: 'POST', form }]] as [string, Load?][]) {
      const page = await visitor(port).ask(url, load);
      expect([page.status, page.setCookie]).toEqual([403, []]);
      expect(page.text).toContain(`ssh -L ${port}:localhost:${port}`);
    }
    const local = await visitor(port).ask(`http://localhost:${port}/login`, { method: 'POST', form });
    expect(local.status).toBe(303); // the link was not used up
  });
});

describe('the API by cookie', () => {
  test('does what the credential may, for the office’s own pages', async () => {
    const { token } = await issue(apps().node, { name: 'vera', role: 'viewer' });
    const browser = await apps().signedIn(token);
    expect(JSON.parse((await api(browser, '/v1/self')).text)).toMatchObject({
      name: 'vera',
      scopes: ['read'],
    });
    expect((await api(browser, '/v1/tokens')).status).toBe(403);
    const owner = await apps().signedIn();
    const made = await api(owner, '/v1/offices', { method: 'POST', json: { slug: 'shop', name: 'Shop' } });
    expect([made.status, made.text]).toEqual([201, expect.stringContaining('shop')]);
    const typed = await owner.ask(office('/v1/apps'));
    expect(typed.status).toBe(200);
  });

  test('is closed to pages of other origins, whatever they ask', async () => {
    const browser = await apps().signedIn();
    const sites: Load[] = [
      { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } },
      { headers: { 'sec-fetch-site': 'same-site', origin: apps().at('diary.localhost') } },
      { headers: { 'sec-fetch-site': 'same-site' } },
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
      { headers: { 'sec-fetch-site': null, origin: 'null' } },
      { headers: { 'sec-fetch-site': null, origin: apps().at('diary.localhost') } },
      { headers: { 'sec-fetch-site': null, origin: apps().at('localhost').replace('http:', 'https:') } },
    ];
    for (const path of ['/v1/self', '/v1/events/stream', '/v1/apps', '/metrics']) {
      for (const load of sites) {
        const answer = await api(browser, path, load);
        expect([path, load, answer.status, JSON.parse(answer.text).code]).toEqual([
          path,
          load,
          403,
          'origin_foreign',
        ]);
      }
    }
    const head = await apps().node.log.head();
    for (const load of [
      ...sites,
      { headers: { 'sec-fetch-site': 'none', origin: null } },
      { headers: { origin: null } },
    ]) {
      const json = { slug: 'canary', name: 'Canary' };
      const { status } = await api(browser, '/v1/offices', { ...load, method: 'POST', json });
      expect([load, status]).toEqual([load, 403]);
    }
    const { events } = await apps().node.log.read({ after: head, limit: 1000 });
    const done = events.filter(({ actor, type }) => actor !== 'system' && type !== 'request_refused');
    expect(done).toEqual([]);
  });

  test('is closed to a cookie that is not whole', async () => {
    const browser = await apps().signedIn();
    const other = await apps().signedIn();
    const right = cookieOf(browser);
    for (const value of [
      `${right.slice(0, 37)}${cookieOf(other).slice(37)}`,
      `${right.slice(0, 37)}${'A'.repeat(43)}`,
      right.slice(0, -1),
      right.slice(0, 36),
      right.toUpperCase(),
    ]) {
      const answer = await api(apps().browser(), '/v1/self', {
        headers: { cookie: `__Host-tabbify=${value}` },
      });
      expect([value, answer.status]).toEqual([value, 401]);
    }
  });

  test('a bearer that is nobody’s is not made good by a cookie', async () => {
    const browser = await apps().signedIn();
    const answer = await api(browser, '/v1/self', {
      headers: { authorization: `Bearer tbf_${'A'.repeat(43)}` },
    });
    expect(answer.status).toBe(401);
  });

  test('a stream ends with the session', async () => {
    const browser = await apps().signedIn();
    const cookie = `__Host-tabbify=${cookieOf(browser)}`;
    const response = await fetch(`${apps().node.url}/v1/events/stream?segment=tenant_default.members`, {
      headers: { cookie },
    });
    expect(response.status).toBe(200);
    const read = response.text();
    await post(browser, '/logout', {});
    await issue(apps().node, { name: 'canary', role: 'viewer' });
    expect(await read).not.toContain('canary');
  });
});
