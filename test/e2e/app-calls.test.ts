import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../drill/until.ts';
import { TestOffice } from './office.ts';

/** Tells who calls, gives back what it is sent, begins answers that do not end, and speaks enough of RFC 6455 to give short texts back. */
const SHOP = `
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  console.log('asked for', request.url);
  if (request.url === '/echo') return void request.pipe(response);
  if (request.url === '/stream') return void response.write('begun');
  response.end(JSON.stringify({ url: request.url, caller: request.headers['tabbify-caller'] ?? null, headers: request.rawHeaders }));
});
server.on('upgrade', (request, socket) => {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n');
  socket.on('error', () => {});
  socket.on('data', (data) => {
    const length = data[1] & 127;
    const mask = data.subarray(2, 6);
    const text = data.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]);
    if ((data[0] & 15) === 1) socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
  });
});
server.listen(8080);
`;

/** Calls whom it is asked to call, with what it is sent. */
const CAFE = `
export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const to = url.searchParams.get('to') ?? '';
    if (url.pathname.endsWith('/ws')) return new Response(overWebSocket(to));
    try {
      const hasBody = request.method === 'POST';
      const headers = { 'tabbify-app-call': 'forged', 'tabbify-caller': 'app:forged' };
      const answer = await fetch(to, { method: request.method, headers, ...(hasBody && { body: request.body, duplex: 'half' }) } as RequestInit);
      return new Response(answer.body, { status: answer.status });
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      return new Response('denied ' + (code ?? error), { status: 599 });
    }
  },
};
function overWebSocket(to: string): ReadableStream<Uint8Array> {
  const text = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      const socket = new WebSocket(to);
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => controller.enqueue(text.encode('heard ' + data));
      socket.onclose = () => { controller.enqueue(text.encode(' closed')); controller.close(); };
    },
  });
}
`;

const manifest = (name: string, type: string, more = '') =>
  `[app]\nname = "${name}"\n[build]\nmain = "main.ts"\n[runtime]\ntype = "${type}"\n${more}`;
const AT_SHOP = 'http://shop.tabbify.internal';
/** Where a key may lie, readable by the office's user alone. */
const MAY_HOLD_KEY = /\/(supervisor\/local\/|runners\/[^/]*\.json$|calls\.key$)/;

it('an app calls another one of its office when a person has said so, and not a moment longer', async () => {
  await using office = await TestOffice.create('up');
  await office.open();
  const push = async (name: string, source: string, text: string) => {
    const folder = join(office.directory, name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'tabbify.toml'), text);
    await writeFile(join(folder, 'main.ts'), source);
    const { code, stdout, stderr } = await office.tcli('push', folder, '--json');
    expect([code, stderr]).toEqual([0, expect.anything()]);
    return (JSON.parse(stdout) as { uuid: string }).uuid;
  };
  const shop = await push('shop', SHOP, manifest('shop', 'worker'));
  const cafe = await push('cafe', CAFE, manifest('cafe', 'worker'));
  const ask = (app: string, to: string, init: RequestInit = {}, path = '') =>
    office.api(`/app/${app}/${path}?to=${encodeURIComponent(to)}`, init);
  const told = async (app: string, to = AT_SHOP, init: RequestInit = {}) => {
    const answer = await ask(app, to, init);
    return { status: answer.status, text: await answer.text() };
  };
  const open = async () =>
    (
      (await (await office.api('/v1/approvals?status=open')).json()) as {
        approvals: { id: string; difference: string }[];
      }
    ).approvals;
  const shopLog = async () => (await office.tabbify('logs', 'shop')).stdout;
  const runnerOf = async (app: string) => (await office.runners()).find((each) => each.app === app);

  // Without a grant: a clean error, the line in the log, a question to a person; the shop, which is private and asleep, hears nothing.
  expect((await fetch(`${office.url}/app/${shop}/`)).status).toBe(401);
  expect((await office.tabbify('stop', 'shop')).code).toBe(0);
  expect(await told(cafe)).toEqual({ status: 599, text: 'denied EACCES' });
  expect((await office.tabbify('logs', 'cafe')).stdout).toContain('http_allow_list = ["app:shop"]');
  await expect.poll(open, { timeout: 20_000 }).toHaveLength(1);
  expect([await shopLog(), await runnerOf(shop)]).toEqual([
    expect.not.stringContaining('asked for'),
    undefined,
  ]);

  // Said yes to, it is reached by the very process, and woken.
  const pid = (await runnerOf(cafe))?.pid;
  const [{ id, difference } = { id: '', difference: '' }] = await open();
  const headers = { 'content-type': 'application/json' };
  const yes = { method: 'POST', headers, body: JSON.stringify({ difference }) };
  expect((await office.api(`/v1/approvals/${id}/approve`, yes)).status).toBe(200);
  await until('it is let through', async () => (await told(cafe)).status === 200);
  expect((await runnerOf(cafe))?.pid).toBe(pid);
  const seen = JSON.parse((await told(cafe, `${AT_SHOP}/buy?n=1`)).text);
  expect(seen).toMatchObject({ url: '/buy?n=1', caller: `app:${cafe}` });
  expect(JSON.stringify(seen.headers)).not.toMatch(/forged|app-call|runner-key/i);
  expect((await told(cafe, 'http://other.tabbify.internal')).status).toBe(599);
  expect((await told(cafe, `https://shop.tabbify.internal`)).status).toBe(599);

  // A component of the same source, granted by its manifest.
  const kiosk = await push(
    'kiosk',
    CAFE,
    manifest('kiosk', 'wasm-http', '[capabilities]\nhttp_allow_list = ["app:shop"]\n'),
  );
  expect(JSON.parse((await told(kiosk)).text)).toMatchObject({ caller: `app:${kiosk}` });
  expect((await told(kiosk, 'http://cafe.tabbify.internal')).status).toBe(599);

  // Ten megabytes there and back.
  for (const app of [cafe, kiosk]) {
    const body = Buffer.alloc(10 * 1024 * 1024, 'tabbify ');
    const answer = await ask(app, `${AT_SHOP}/echo`, { method: 'POST', body });
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  }

  // The key is where the office's user alone reads, and nowhere else.
  const desired = JSON.parse(await readFile(join(office.home, 'supervisor/local/desired.json'), 'utf8'));
  const keys: string[] = desired.assignments.flatMap(
    ({ grant }: { grant: { call_key?: string } }) => grant.call_key ?? [],
  );
  expect(keys).toHaveLength(2);
  const seals = keys.map((key) => key.split('.').at(-1) ?? '');
  const holders: string[] = [];
  for (const entry of await readdir(office.directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const text = entry.isFile() ? await readFile(path, 'latin1').catch(() => '') : ''; // gone meanwhile
    if (!seals.some((seal) => text.includes(seal))) continue;
    holders.push(path);
    expect([path, ((await stat(path)).mode & 0o777).toString(8)]).toEqual([path, '600']);
  }
  expect(holders.length).toBeGreaterThan(0);
  expect(holders.filter((path) => !MAY_HOLD_KEY.test(path))).toEqual([]);
  for (const process of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const what of ['cmdline', 'environ']) {
      const text = await readFile(`/proc/${process}/${what}`, 'latin1').catch(() => ''); // it has ended, or is another's
      expect(seals.some((seal) => text.includes(seal))).toBe(false);
    }
  }

  // A WebSocket and an answer that streams end when it is taken back; nothing is reached after that.
  const socket = (await ask(cafe, 'ws://shop.tabbify.internal/', {}, 'ws')).body?.getReader();
  const stream = (await ask(cafe, `${AT_SHOP}/stream`)).body?.getReader();
  const heard = async (reader = socket) => new TextDecoder().decode((await reader?.read())?.value);
  expect([await heard(), await heard(stream)]).toEqual(['heard hello', 'begun']);
  const line = encodeURIComponent('http:app:shop');
  expect((await office.api(`/v1/apps/${cafe}/grants/${line}`, { method: 'DELETE' })).status).toBe(204);
  expect(await heard()).toBe(' closed');
  await expect(heard(stream)).rejects.toThrow();
  // Until the app's host has heard of it, it is the shop's edge that says no.
  await until('the host has heard of it, and no connection is left that the app keeps', async () => {
    const { status, text } = await told(cafe, `${AT_SHOP}/after`);
    const no = status === 403 ? (JSON.parse(text) as { code: string }).code : text;
    expect([`${status} ${no}`]).toEqual([
      expect.stringMatching(/^(403 call_denied|599 denied (EACCES|EPIPE|ECONNRESET|UND_ERR_SOCKET))$/),
    ]);
    return text === 'denied EACCES';
  });
  expect(await shopLog()).not.toContain('/after');
  expect((await told(kiosk)).status).toBe(200); // it has its own
}, 300_000);
