import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import type { RunningApp } from '../../runtimes/index.ts';
import { devError } from '../errors.ts';
import type { DevEvent } from '../events.ts';
import { isOwnHost } from './own-hosts.ts';
import { type Front, serveFront } from './serve-front.ts';

const fronts: Front[] = [];
afterEach(() => Promise.all(fronts.splice(0).map((front) => front.close())));

/** A front before an app that tells what reaches it. @param error nobody answers, for this reason */
async function open({ port = 0, exact = true, error = null as Error | null } = {}) {
  const events: DevEvent[] = [];
  const app = {
    async serve(incoming: IncomingMessage, response: ServerResponse) {
      const { headers, headersDistinct, rawHeaders } = incoming;
      response.end(JSON.stringify({ headers, headersDistinct, rawHeaders, body: await text(incoming) }));
    },
  } as Partial<RunningApp> as RunningApp;
  const front = await serveFront({
    ...{ host: '127.0.0.1', port, exact },
    say: (event) => events.push(event),
    ready: async () => {},
    files: { renew: () => {}, answer: async () => false },
    async app() {
      if (error !== null) throw error;
      return app;
    },
  });
  fronts.push(front);
  return { front, events, port: Number(new URL(front.url).port) };
}

async function ask(port: number, headers: Record<string, string>, path = '/', body?: string) {
  const outgoing = request({
    port,
    path,
    headers,
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, type: answer.headers['content-type'], body: await text(answer) };
}

it('gives the app a request as the edge does, in all views of its headers', async () => {
  const { port, events } = await open();
  const vouching = { 'X-Forwarded-For': '1.2.3.4', 'Tabbify-Actor': 'me', Forwarded: 'for=1.2.3.4' };
  const host = `localhost:${port}`;
  const { status, body } = await ask(port, { host, ...vouching, 'X-Kept': 'yes' }, '/a?b', 'words');
  expect(status).toBe(200);
  const seen = JSON.parse(body);
  expect(seen.headers).toMatchObject({
    host,
    'x-kept': 'yes',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': host,
    'x-forwarded-proto': 'http',
  });
  expect(body).not.toMatch(/1\.2\.3\.4|tabbify-actor/i);
  expect(seen.body).toBe('words');
  await expect
    .poll(() => events)
    .toMatchObject([{ event: 'request', method: 'POST', path: '/a?b', status: 200 }]);
});

it('answers for names of this machine alone, and keeps the platform’s paths', async () => {
  const { port } = await open();
  expect((await ask(port, { host: `evil.example:${port}` })).status).toBe(421);
  expect((await ask(port, { host: 'localhost' }, '/_tabbify/events')).status).toBe(404);
  expect(['localhost', 'a.localhost:1', '127.0.0.1:80', '[::1]:9'].map(isOwnHost)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  const foreign = ['', 'localhost.example', '127.0.0.1.example', '192.168.0.1', '[fd00::1]:1', 'a@localhost'];
  expect(foreign.filter(isOwnHost)).toEqual([]);
});

it('says why nobody answers: a page to a browser, a problem to others, escaped', async () => {
  const { port } = await open({ error: devError('dev_not_serving', { what: 'No <b>', hint: 'Mend it' }) });
  const host = 'localhost';
  const page = await ask(port, { host, accept: 'text/html' });
  expect([page.status, page.type]).toEqual([500, 'text/html; charset=utf-8']);
  expect(page.body).toContain('No &#60;b&#62;');
  const problem = await ask(port, { host });
  expect([problem.status, problem.type]).toEqual([500, 'application/problem+json']);
  expect(JSON.parse(problem.body)).toMatchObject({ code: 'dev_not_serving', hint: 'Mend it' });
});

it('takes the next free port unless a certain one was asked for, and no address of others', async () => {
  const { port } = await open();
  await expect(open({ port })).rejects.toMatchObject({ code: 'dev_port_taken' });
  expect((await open({ port, exact: false })).port).toBeGreaterThan(port);
  const options = { port: 0, exact: true, say: () => {}, ready: async () => {} };
  const files = { renew: () => {}, answer: async () => false };
  const app = () => Promise.reject(new Error('none'));
  await expect(serveFront({ ...options, files, app, host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'dev_not_loopback',
  });
});
