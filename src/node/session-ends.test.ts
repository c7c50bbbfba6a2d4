import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useOfficePages } from './testing/office-pages.ts';
import { issue } from './testing/tokens.ts';
import type { Visitor } from './testing/visitor.ts';

const DAY_MS = 86_400_000;
const { apps, clock, office, api, post, cookieOf } = useOfficePages();

describe('a session', () => {
  test('is listed to who has it, and ended by him; an owner of the office ends others’', async () => {
    const { token } = await issue(apps().node, { name: 'anna', role: 'viewer' });
    const browser = await apps().signedIn(token);
    const other = await apps().signedIn(token);
    await apps().signedIn();
    const own = JSON.parse((await api(browser, '/v1/sessions')).text).sessions;
    expect(own).toMatchObject([
      { browser: 'Firefox on Linux', by: 'link', current: true },
      { browser: 'Firefox on Linux', by: 'link', current: false },
    ]);
    expect(JSON.stringify(own)).not.toContain(cookieOf(browser).slice(37));
    const [owners] = (await apps().node.call('/v1/sessions')).json.sessions;
    const remove = (id: string, by: string) =>
      apps().node.call(`/v1/sessions/${id}`, { method: 'DELETE', token: by });
    expect((await remove(owners.id, token)).status).toBe(403);
    expect((await remove(own[0].id, apps().boss)).status).toBe(404);
    expect((await remove(own[1].id, token)).status).toBe(200);
    expect((await api(other, '/v1/self')).status).toBe(401);
    expect((await remove(own[0].id, apps().node.token)).status).toBe(200);
    expect((await api(browser, '/v1/self')).status).toBe(401);
    expect((await remove(own[0].id, apps().node.token)).status).toBe(404);
  });

  test('ends with its credential: revoked, replaced, expired', async () => {
    const revoked = await issue(apps().node, { name: 'anna', role: 'viewer' });
    const replaced = await issue(apps().node, { name: 'bert', role: 'viewer' });
    const expired = await issue(apps().node, { name: 'carl', role: 'viewer', expires_in_days: 1 });
    const browsers: Visitor[] = [];
    for (const { token } of [revoked, replaced, expired]) browsers.push(await apps().signedIn(token));
    const statuses = async () =>
      Promise.all(browsers.map(async (each) => (await api(each, '/v1/self')).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    await apps().node.call(`/v1/tokens/${revoked.id}`, { method: 'DELETE' });
    await issue(apps().node, { name: 'bert', role: 'viewer', replace: true });
    clock.aheadMs = DAY_MS;
    expect(await statuses()).toEqual([401, 401, 401]);
    await apps().node.call(`/v1/tokens`, { method: 'POST', json: { name: 'anna', role: 'viewer' } });
    expect(await statuses()).toEqual([401, 401, 401]);
  });

  test('ends after a week without use and after a month with it, also over restarts', async () => {
    const idle = await apps().signedIn();
    const used = await apps().signedIn();
    const status = async (browser: Visitor) => {
      const cookie = `__Host-tabbify=${cookieOf(browser)}`;
      return (await fetch(`${apps().node.url}/v1/self`, { headers: { cookie } })).status;
    };
    for (let day = 3; day < 30; day += 3) {
      clock.aheadMs = day * DAY_MS;
      expect([day, await status(used)]).toEqual([day, 200]);
      await expect.poll(async () => (await apps().node.events(['session_used'])).length).toBe(day / 3);
      if (day % 9 === 0) await apps().node.restart();
    }
    expect(await status(idle)).toBe(401);
    clock.aheadMs = 30 * DAY_MS + 60_000;
    expect(await status(used)).toBe(401);
  });

  test('outlives the node, with the cookie of the app; its secret is nowhere', async () => {
    const browser = await apps().signedIn();
    await browser.open(`${apps().at('diary.localhost')}/`);
    const own = browser.jar.get('diary.localhost')?.get('__Host-tabbify-app') ?? '';
    await apps().node.restart();
    expect((await stat(join(apps().node.home, 'session.key'))).mode & 0o777).toBe(0o600);
    const cookie = cookieOf(browser);
    const self = await fetch(`${apps().node.url}/v1/self`, {
      headers: { cookie: `__Host-tabbify=${cookie}` },
    });
    expect(self.status).toBe(200);
    const events = JSON.stringify(await apps().node.events());
    const state = (await apps().node.call('/v1/state')).text;
    for (const secret of [cookie.slice(37), own.slice(37)]) {
      expect(secret).toHaveLength(43);
      expect(events + state).not.toContain(secret);
      expect(await readFile(join(apps().node.home, 'log.db'), 'latin1')).not.toContain(secret);
    }
  });

  test('makes room for the twenty-first', async () => {
    const first = await apps().signedIn();
    for (let count = 0; count < 20; count += 1)
      await post(apps().browser(), '/login', { token: apps().node.token });
    expect((await apps().node.call('/v1/sessions')).json.sessions).toHaveLength(20);
    expect((await api(first, '/v1/self')).status).toBe(401);
  });
});

test('signing out ends the session at once and takes the cookie away', async () => {
  const browser = await apps().signedIn();
  const cookie = cookieOf(browser);
  const out = await browser.open(office('/logout'), { method: 'POST', form: {} });
  expect(out.at(-1)?.text).toContain('signed in: <a href="/login">');
  expect(cookieOf(browser)).toBe('');
  const again = await fetch(`${apps().node.url}/v1/self`, {
    headers: { cookie: `__Host-tabbify=${cookie}` },
  });
  expect(again.status).toBe(401);
  expect((await apps().node.events(['session_ended'])).map(({ data }) => data.reason)).toEqual([
    'signed out',
  ]);
});
