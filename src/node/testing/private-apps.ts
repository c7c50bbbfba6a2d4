import { expect, vi } from 'vitest';
import { OTHER, TINY } from './apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './fake-supervisor.ts';
import { placeApp } from './placed-app.ts';
import { type RunningNode, startTestNode } from './running-node.ts';
import { openOffice } from './tokens.ts';
import { type Visitor, visitor } from './visitor.ts';

/** One host with the private apps of two offices, both named `diary`, and one named `ledger`. */
export interface PrivateApps {
  readonly node: RunningNode;
  readonly host: FakeSupervisor;
  readonly port: string;
  /** Of an owner of the office `bakery`. */
  readonly boss: string;
  /** What reached any app, with all headers: who is not let in leaves nothing here. */
  readonly canary: { readonly at: string; readonly raw: string }[];
  /** What apps set as cookies. */
  setCookie: readonly string[];
  /** The origin of a host below `localhost`, or of the office. */
  at(host: string): string;
  /** A browser that nobody has signed in with. */
  browser(): Visitor;
  /** A sign-in link. @param token default: the machine owner's */
  link(token?: string): Promise<string>;
  /** A browser that is signed in. @param token default: the machine owner's */
  signedIn(token?: string): Promise<Visitor>;
  close(): Promise<void>;
}

export const LEDGER = '0191e7c2-0000-7000-8000-00000000000b';

export async function startPrivateApps(
  options: Parameters<typeof startTestNode>[0] = {},
): Promise<PrivateApps> {
  const node = await startTestNode(options);
  const canary: PrivateApps['canary'] = [];
  const host = await joinFakeSupervisor(node, (request, response) => {
    canary.push({ at: `${request.headers.host}${request.url}`, raw: JSON.stringify(request.rawHeaders) });
    if (apps.setCookie.length > 0) response.setHeader('set-cookie', [...apps.setCookie]);
    response.write('diary');
    if (request.url !== '/stream') response.end();
  });
  const boss = await openOffice(node, 'bakery');
  await placeApp(node.log, { app: TINY, slug: 'diary' });
  await placeApp(node.log, { app: LEDGER, slug: 'ledger' });
  await placeApp(node.log, { app: OTHER, slug: 'diary', office: 'bakery' });
  await vi.waitFor(
    async () => expect((await node.call('/v1/apps', { token: boss })).json.apps).toHaveLength(1),
    15_000,
  );
  const { port } = new URL(node.url);
  const apps: PrivateApps = {
    ...{ node, host, port, boss, canary },
    setCookie: [],
    at: (name) => `http://${name}:${port}`,
    browser: () => visitor(port),
    async link(token = node.token) {
      const answer = await node.call('/v1/sessions', { method: 'POST', token });
      expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
      return answer.json.link;
    },
    async signedIn(token) {
      const browser = visitor(port);
      const code = new URL(await apps.link(token)).searchParams.get('code') ?? '';
      const answers = await browser.open(`http://localhost:${port}/login`, {
        method: 'POST',
        form: { code },
      });
      expect(answers.map(({ status }) => status)).toEqual([303, 303, 200]);
      return browser;
    },
    async close() {
      await host.close();
      await node.close();
    },
  };
  return apps;
}
