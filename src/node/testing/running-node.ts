import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { type ObjectStore, openFolderStore, packFolder } from '../../artifacts/index.ts';
import { silentLogger } from '../../kit/index.ts';
import { openKeyring, openSqliteLog, type SealedLog, type StoredEvent, sealedLog } from '../../log/index.ts';
import { type NodeOptions, startNode } from '../index.ts';

/** What a test asks a node for. */
export interface Call {
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the owner's; null: none. */
  readonly token?: string | null;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it and fail when it is something else
  readonly json: any;
  readonly text: string;
}

/** A real node with a real log and a folder store, in a home of its own. */
export interface RunningNode {
  readonly home: string;
  readonly url: string;
  readonly token: string;
  call(path: string, options?: Call): Promise<Answer>;
  /** Publishes these files as the app's next version. */
  push(uuid: string, files: Readonly<Record<string, string | Uint8Array>>, options?: Call): Promise<Answer>;
  events(types?: readonly string[]): Promise<StoredEvent[]>;
  /** The log itself, beside the node. */
  readonly log: SealedLog;
  /** Stops the node and its log and starts both again on the same home, with some options changed. */
  restart(changed?: Options): Promise<void>;
  close(): Promise<void>;
}

type Options = Partial<
  Pick<
    NodeOptions,
    'domain' | 'publicUrl' | 'gatewayUrl' | 'clock' | 'extraRoutes' | 'retention' | 'versionLimits'
  >
> & {
  /** What is done to the home before this start. */
  readonly prepare?: (home: string) => Promise<void>;
  /** Puts something between the node and its log. */
  readonly between?: (log: SealedLog) => SealedLog;
  /** What deployments wait for is left to the test; default: the owner says yes at once. */
  readonly asksPersons?: boolean;
  /** Puts something between the node and its store. */
  readonly storeBetween?: (store: ObjectStore) => ObjectStore;
};

export async function startTestNode({ prepare, ...options }: Options = {}): Promise<RunningNode> {
  const home = await mkdtemp(join(tmpdir(), 'tabbify-node-'));
  await prepare?.(home);
  let running = await open(home, options);
  const call = async (path: string, asked: Call = {}): Promise<Answer> => {
    const token = asked.token === undefined ? running.token : asked.token;
    const response = await fetch(`${running.node.url}${path}`, {
      method: asked.method ?? 'GET',
      redirect: 'manual',
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(asked.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...asked.headers,
      },
      ...(asked.json === undefined ? {} : { body: JSON.stringify(asked.json) }),
      ...(asked.signal === undefined ? {} : { signal: asked.signal }),
      ...(asked.body === undefined ? {} : { body: asked.body, duplex: 'half' as const }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : null,
    };
  };
  return {
    home,
    get url() {
      return running.node.url;
    },
    get token() {
      return running.token;
    },
    get log() {
      return running.log;
    },
    call,
    async push(uuid, files, asked = {}) {
      const folder = await mkdtemp(join(tmpdir(), 'tabbify-push-'));
      try {
        for (const [name, content] of Object.entries(files)) {
          await mkdir(dirname(join(folder, name)), { recursive: true });
          await writeFile(join(folder, name), content);
        }
        return await call(`/v1/apps/${uuid}/versions`, {
          method: 'POST',
          body: Readable.toWeb(packFolder(folder)) as ReadableStream<Uint8Array>,
          ...asked,
          headers: { 'content-type': 'application/gzip', ...asked.headers },
        });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    async events(types) {
      const page = await running.log.read({ limit: 1000, ...(types && { types }) });
      return [...page.events];
    },
    async restart({ prepare: prepareAgain, ...changed } = {}) {
      running.stop();
      await running.node.close();
      await running.log.close();
      await prepareAgain?.(home);
      running = await open(home, { ...options, ...changed });
    },
    async close() {
      running.stop();
      await running.node.close();
      await running.log.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function open(
  home: string,
  {
    between = (log) => log,
    storeBetween = (store) => store,
    asksPersons = false,
    ...options
  }: Omit<Options, 'prepare'>,
) {
  const logger = silentLogger();
  const file = join(home, 'log.db');
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  const kept = await openSqliteLog({ file, logger, ...clock });
  const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
  const store = storeBetween(await openFolderStore(join(home, 'objects')));
  const node = await startNode({
    home,
    bind: { host: '127.0.0.1', port: 0 },
    log: between(log),
    store,
    logger,
    ...options,
  });
  const token = (await readFile(node.ownerKeyFile, 'utf8')).trim();
  const over = new AbortController();
  if (!asksPersons) void sayYes(log, node.url, token, over.signal);
  return { node, log, token, stop: () => over.abort() };
}

/** For tests of something else than approvals: a person who says yes to everything, at once. */
async function sayYes(log: SealedLog, url: string, token: string, signal: AbortSignal): Promise<void> {
  try {
    const after = 0; // also what a node before this one had asked for
    for await (const { data, tenant } of log.subscribe({ after, types: ['approval_requested'] }, signal)) {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'tabbify-office': tenant,
      };
      const body = JSON.stringify({ difference: data.difference });
      await fetch(`${url}/v1/approvals/${data.approval_id}/approve`, {
        method: 'POST',
        headers,
        body,
        signal,
      });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
