import { afterEach, beforeEach, expect } from 'vitest';
import {
  type Answer,
  approve,
  type RunningNode,
  startTestNode,
  TINY,
  untilHeld,
} from '../../src/node/testing/index.ts';

/** An app of static files alone needs no host: what it asks for is all that matters. */
export interface Site {
  readonly uuid: string;
  readonly node: RunningNode;
  /** @param rest of its manifest, behind `[build]`; @returns number of the version */
  push(options?: {
    name?: string;
    text?: string;
    isPublic?: boolean;
    rest?: string;
    token?: string;
  }): Promise<number>;
  /** Asks to put a version in place. @returns how the deployment is once it waits for a person or has ended */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it and fail when it is something else
  deploy(json?: object, token?: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  rollback(json?: object, token?: string): Promise<any>;
  /** How a deployment has ended. */
  // biome-ignore lint/suspicious/noExplicitAny: the same
  ended(deployment: string): Promise<any>;
  /** What it was granted. */
  grants(): Promise<string[]>;
  revoke(capability: string): Promise<Answer>;
  /** What a stranger gets on the path mount: the text, or the status of a refusal. */
  stranger(): Promise<string | number>;
  /** Deploys and has the owner say yes. */
  // biome-ignore lint/suspicious/noExplicitAny: the same
  deployApproved(json?: object, yes?: Readonly<Record<string, unknown>>): Promise<any>;
}

export const startOffice = (options: Parameters<typeof startTestNode>[0] = {}) =>
  startTestNode({ asksPersons: true, ...options });

/** An office with a site in it for each test of a file. @param usual name of the site */
export function useSite(usual?: string): { node(): RunningNode; site(): Site } {
  let node: RunningNode;
  let site: Site;
  beforeEach(async () => {
    node = await startOffice();
    site = siteOf(node, TINY, usual);
  });
  afterEach(() => node.close());
  return { node: () => node, site: () => site };
}

export function siteOf(node: RunningNode, uuid: string, usual = 'site'): Site {
  const asking =
    (verb: string) =>
    async (json: object = {}, token?: string) => {
      const as = token === undefined ? {} : { token };
      const asked = await node.call(`/v1/apps/${uuid}/${verb}`, { method: 'POST', json, ...as });
      expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
      return untilHeld(node, asked.json.deployment_id);
    };
  const deploy = asking('deploy');
  const ended = async (id: string) => {
    await node.call(`/v1/deployments/${id}/stream`);
    return (await node.call(`/v1/deployments/${id}`)).json;
  };
  return {
    uuid,
    node,
    async push({ name = usual, text = 'text', isPublic = false, rest = '', token } = {}) {
      const app = `[app]\nid = "${uuid}"\nname = "${name}"\n${isPublic ? 'visibility = "public"\n' : ''}`;
      const files = {
        'tabbify.toml': `${app}[build]\nassets = "public"\n${rest}`,
        'public/index.html': text,
      };
      const pushed = await node.push(uuid, files, token === undefined ? {} : { token });
      expect([pushed.status, pushed.text]).toEqual([201, expect.anything()]);
      return pushed.json.version;
    },
    deploy,
    rollback: asking('rollback'),
    ended,
    async grants() {
      const { json } = await node.call(`/v1/apps/${uuid}/grants`);
      return json.grants.map(({ capability }: { capability: string }) => capability);
    },
    revoke: (capability) =>
      node.call(`/v1/apps/${uuid}/grants/${encodeURIComponent(capability)}`, { method: 'DELETE' }),
    async stranger() {
      const { status, text } = await node.call(`/app/${uuid}/`, { token: null });
      return status === 200 ? text : status;
    },
    async deployApproved(json = {}, yes = {}) {
      const held = await deploy(json);
      if (held.phase === 'awaiting_approval') {
        const answer = await approve(node, held.approval, yes);
        expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
      }
      return ended(held.id);
    },
  };
}

/** The part of a manifest that asks to call these. */
export const calls = (...hosts: string[]) => `[capabilities]\nhttp_allow_list = ${JSON.stringify(hosts)}\n`;
