import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderStore } from '../../src/artifacts/index.ts';
import { startGateway } from '../../src/gateway/index.ts';
import { silentLogger } from '../../src/kit/index.ts';
import { openKeyring, openSqliteLog, type StoredEvent, sealedLog } from '../../src/log/index.ts';
import { type NodeOptions, startNode } from '../../src/node/index.ts';
import { furnish } from './furnish.ts';
import { type Host, startHost } from './host.ts';
import { type OpenApiDocument, operationsOf } from './operation.ts';
import { send } from './shot.ts';
import type { World } from './world.ts';

/** Milliseconds between two announcements of a host; one that has said nothing for 95 s is away, and so are its deployments. */
const ANNOUNCE_MS = 20_000;

/** @param office slug of the first office; `default` is there already, any other is made */
export async function startWorld(
  office: string,
  options: Pick<NodeOptions, 'extraRoutes'> = {},
): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-walk-'));
  const logger = silentLogger();
  const kept = await openSqliteLog({ file: join(home, 'log.db'), logger });
  const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
  const store = await openFolderStore(join(home, 'objects'));
  let gatewayUrl: string | null = null;
  const node = await startNode({
    gatewayUrl: () => gatewayUrl,
    home,
    bind: { host: '127.0.0.1', port: 0 },
    log,
    store,
    logger,
    ...options,
  });
  const gateway = await startGateway({
    home,
    bind: { host: '127.0.0.1', port: 0 },
    nodeUrl: node.url,
    logger,
  });
  gatewayUrl = gateway.url;
  const machine = (await readFile(node.ownerKeyFile, 'utf8')).trim();
  const hosts: Host[] = [];

  const asMachine: World['asMachine'] = async (method, path, json, picked) => {
    const answer = await send(node.url, { method, path }, json === undefined ? {} : { json }, machine, {
      headers: picked === undefined ? {} : { 'tabbify-office': picked },
    });
    return { status: answer.status, json: /json/.test(answer.type) ? JSON.parse(answer.text) : null };
  };
  async function events(tenant?: string): Promise<StoredEvent[]> {
    const all: StoredEvent[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = await log.read({ after, limit: 1000, ...(tenant && { tenants: [tenant] }) });
      all.push(...page.events);
      after = page.next;
    }
    return all;
  }
  const announce = (host: Host, tags?: readonly string[]) =>
    send(
      node.url,
      { method: 'PUT', path: `/v1/supervisors/${host.name}` },
      { json: host.presence(tags) },
      host.token,
    );
  async function announceAgain(): Promise<void> {
    const { supervisors } = (await asMachine('GET', '/v1/supervisors')).json;
    for (const host of hosts) {
      const known = supervisors.find((each: { name: string }) => each.name === host.name);
      if (known !== undefined) await announce(host, known.tags); // the same: that is no news
    }
  }
  const announcing = setInterval(() => void announceAgain().catch(() => {}), ANNOUNCE_MS);
  async function close(): Promise<void> {
    clearInterval(announcing);
    await gateway.close();
    await node.close();
    await log.close();
    for (const host of hosts) await host.close();
    await rm(home, { recursive: true, force: true });
  }

  try {
    for (const name of ['one', 'two']) {
      const host = await startHost(
        name,
        async () => (await asMachine('POST', '/v1/supervisors', { name })).json.credential,
      );
      hosts.push(host);
      await announce(host, name === 'one' ? undefined : []);
    }
    const [host, otherHost] = hosts as [Host, Host];
    const base = { url: node.url, log, machine, host, asMachine };
    const a = await furnish(base, office, 'quince');
    const b = await furnish(base, 'beta', 'walnut');
    const document = (await asMachine('GET', '/openapi.json')).json as OpenApiDocument;
    return {
      ...base,
      otherHost,
      a,
      b,
      operations: operationsOf(document),
      events,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
