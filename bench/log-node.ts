import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { appUla } from '../src/app/index.ts';
import { openFolderStore } from '../src/artifacts/index.ts';
import { newId, silentLogger } from '../src/kit/index.ts';
import { type EventDraft, openKeyring, openSqliteLog, sealedLog } from '../src/log/index.ts';
import { startNode } from '../src/node/index.ts';
import { domainEvent, type RunSettings } from '../src/state/index.ts';

/**
 * A whole node whose one app runs elsewhere, with callers of its log in its own process:
 * `node log-node.ts <home> <port of the app>`. Prints `{"url", "token", "app"}`, then does what each line of its
 * standard input says (`LogNodeCommand`) and prints what came of it.
 */
export type LogNodeCommand =
  /** So many callers append, each again as soon as it is answered, for so long (ms). */
  | { readonly do: 'burst'; readonly callers: number; readonly ms: number }
  /** So many appends a second for so long (ms), over the subjects `app/0` …, each with the time it was handed in. */
  | { readonly do: 'pace'; readonly perSecond: number; readonly subjects: number; readonly ms: number };

export interface LogNodeResult {
  readonly appended: number;
  readonly commits: number;
  readonly ms: number;
  /** Longest wait of a `pace` for its turn, ms: how late the generator itself was. */
  readonly latest: number;
}

const [home = '', appPort = ''] = process.argv.slice(2);
await mkdir(home, { recursive: true });
const logger = silentLogger();
const kept = await openSqliteLog({ file: join(home, 'log.db'), logger });
const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
const store = await openFolderStore(join(home, 'objects'));
const node = await startNode({ home, bind: { host: '127.0.0.1', port: 0 }, log, store, logger });
const token = (await readFile(node.ownerKeyFile, 'utf8')).trim();
await joinHost();
const app = await placeApp();
say({ url: node.url, token, app });

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as LogNodeCommand;
  const before = kept.stats();
  const started = performance.now();
  const latest = command.do === 'burst' ? await burst(command) : await pace(command);
  const { appended, commits } = kept.stats();
  say({
    appended: appended - before.appended,
    commits: commits - before.commits,
    ms: performance.now() - started,
    latest,
  });
}
process.exit(0);

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

async function burst({ callers, ms }: { callers: number; ms: number }): Promise<number> {
  const until = performance.now() + ms;
  let n = 0;
  const caller = async () => {
    while (performance.now() < until) await log.append(counted(n++ % 200, n));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return 0;
}

async function pace({ perSecond, subjects, ms }: { perSecond: number; subjects: number; ms: number }) {
  const started = performance.now();
  const waiting: Promise<unknown>[] = [];
  let sent = 0;
  let latest = 0;
  while (sent < (perSecond * ms) / 1000) {
    const due = Math.floor(((performance.now() - started) * perSecond) / 1000);
    for (; sent < due; sent++) {
      latest = Math.max(latest, performance.now() - started - (sent * 1000) / perSecond);
      waiting.push(log.append(counted(sent % subjects, sent)));
    }
    await new Promise((next) => setTimeout(next, 1));
  }
  await Promise.all(waiting);
  return latest;
}

function counted(subject: number, n: number): EventDraft {
  return {
    id: newId(),
    source: '/bench',
    type: 'Counted',
    subject: `app/${subject}`,
    time: new Date().toISOString(),
    dataschema: 'tabbify:Counted/1',
    // the machine's monotonic clock, the same in every process
    data: { n, sent_at: Number(process.hrtime.bigint()) / 1e6, text: 'x'.repeat(200) },
    segment: 'tenant_default.numbers',
    tenant: 'default',
    actor: 'user:owner',
  };
}

/** A host that says of its one app where it runs. */
async function joinHost(): Promise<void> {
  const host = createServer((_request, response) => {
    const endpoint = { host: '127.0.0.1', port: Number(appPort), runner_key: 'k'.repeat(43) };
    response.end(JSON.stringify({ ...endpoint, generation: 1, version: 1 }));
  });
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  const { credential } = (await call('POST', '/v1/supervisors', { name: 'local' }, token)) as {
    credential: string;
  };
  const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  const announced = { url, tags: ['wasm-http'], control_key: 'c'.repeat(43) };
  await call('PUT', '/v1/supervisors/local', announced, credential);
}

async function call(method: string, path: string, json: unknown, bearer: string): Promise<unknown> {
  const response = await fetch(`${node.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(json),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Says in the log that an app is placed on the host, so that nothing has to be built. */
async function placeApp(): Promise<string> {
  const id = newId();
  const context = { actor: 'user:owner', source: '/node', office: 'default' };
  const digest = 'a'.repeat(64);
  const settings: RunSettings = {
    type: 'wasm-http',
    lifecycle: 'on_request',
    idle_timeout_sec: 300,
    memory_mb: 64,
    entry: 'app.wasm',
    main: null,
    fuel_per_request: 1e9,
    isolation: 'pool',
    health_path: '/',
    health_timeout_sec: 30,
  };
  const deployment = { deployment_id: newId(), version: 1, app: id };
  const ula = appUla(id);
  await log.append(domainEvent('app_registered', { app: id, name: 'bench', slug: 'bench', ula }, context));
  await log.append(
    domainEvent(
      'version_published',
      {
        ...{ app: id, version: 1, digest, files: 2, bytes: 2, name: 'bench', visibility: 'private' },
        ...{
          runtime: settings,
          assets: null,
          runtime_declared: true,
          env: {},
          targets: [],
          requests: [],
          secrets: [],
          doubts: [],
          inherited: [],
        },
      },
      context,
    ),
  );
  const requested = { ...deployment, digest, targets: null, leave_data: false };
  await log.append(domainEvent('deployment_requested', requested, context));
  const { position } = await log.append(
    domainEvent(
      'app_assigned',
      {
        ...{ ...deployment, supervisor: 'local', generation: 1, environment: 'production' },
        ...{ runtime: 'wasm-http', settings, env: {}, artifact_digest: digest },
        ...{ artifact_prefix: 'artifacts/x', address: ula },
      },
      context,
    ),
  );
  await call('GET', `/v1/events?after=${position - 1}`, undefined, token); // the state holds it
  return id;
}
