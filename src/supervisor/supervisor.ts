import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fetchTree, type ObjectStore } from '../artifacts/index.ts';
import { storedBytes } from '../data/index.ts';
import { type Clock, type Logger, systemClock } from '../kit/index.ts';
import { bundleRunner, logPath, openSocketDirectory } from '../runner/index.ts';
import { describeRuntimes, haveGroups, processBytes, type RuntimesHere } from '../runtimes/index.ts';
import { sweepBoxes } from '../sandbox/index.ts';
import { adoptRunners } from './adopt.ts';
import { createApi } from './api.ts';
import { createAppsData } from './app-data.ts';
import { openAppMemory } from './app-memory.ts';
import { openCredentialFile } from './credential-file.ts';
import { openDesiredFile } from './desired-file.ts';
import { followNode } from './follow-node.ts';
import { createInstances } from './instances.ts';
import { launch } from './launch.ts';
import { startMetrics } from './metrics/metrics.ts';
import { createNodeClient } from './node-client.ts';
import { createObserver } from './observations.ts';
import { openOutbox } from './outbox.ts';
import type { SupervisorHook } from './points.ts';
import type { DesiredState } from './protocol.ts';
import { artifactFolder } from './remove-traces.ts';
import { createHttpSecretsResolver } from './secrets/http-secrets-resolver.ts';
import { sweepCutShort } from './sweep.ts';
import { prepareHost } from './warm/empty-host.ts';
import { createHostPool } from './warm/host-pool.ts';
import type { WarmHosts } from './warm/pool-size.ts';

export interface SupervisorOptions {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  /** Slug of this host, unique in the office. */
  readonly name: string;
  /** Base URL of the node. */
  readonly nodeUrl: string;
  /** Where the gateway answers, asked at each need; null while nobody knows it. An app without secrets never needs it. */
  readonly gatewayUrl?: () => string | null;
  /** Owner credential for the first join; afterwards the supervisor has its own. */
  readonly ownerKey?: string;
  readonly bind: { readonly host: string; readonly port: number };
  /** Where artifacts are fetched from. */
  readonly store: ObjectStore;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Milliseconds a replaced runner goes on serving; default 10 s (CONTRACTS §8). */
  readonly drainMs?: number;
  /** Beats for the monitor; default every 5 s (CONTRACTS §8). */
  readonly ticker?: Ticker;
  /** Module that runners are made of; default: the platform's own. */
  readonly runnerEntry?: string;
  /** Hosts kept ready for the next app while memory allows; default 0. */
  readonly warmHosts?: WarmHosts;
  /** What apps are run with here; default: what the machine turns out to be able to. */
  readonly describe?: () => Promise<RuntimesHere>;
  readonly hook?: SupervisorHook;
}

/** Calls a round again and again until it is stopped; a round never rejects. @returns stops it */
export type Ticker = (round: () => Promise<void>) => () => void;

/** A running supervisor. */
export interface Supervisor {
  /** Base URL of its API. */
  readonly url: string;
  /** Stops the supervisor and leaves the runners alive; the next start adopts them. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;
const MONITOR_MS = 5_000;
/** MiB of the largest app that a host of the pool may get: what an app made from a module has unless it says otherwise. */
const WARM_MEMORY_MB = 256;
/** How long a start waits for the node, so that an office that says it is ready can be used. */
const FIRST_CONTACT_MS = 2_000;
const FLUSH_MS = 1_000;

/**
 * Starts the supervisor of this host: adopts the runners that live, goes on with what it was last told, and follows
 * the node from then on. A node that is away is no error.
 *
 * @throws the system's error when the address cannot be bound; TabbifyError `socket_directory_unsafe`
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { home, name, nodeUrl, logger, store } = options;
  const clock = options.clock ?? systemClock;
  const hook = options.hook ?? (() => {});
  const closing = new AbortController();
  const directory = join(home, 'supervisor', name);
  const socketDirectory = openSocketDirectory();
  const { runnerEntry: entry } = options;
  const layDown = () => bundleRunner({ home, logger, ...(entry !== undefined && { entry }) });
  let bundle = layDown();
  bundle.catch((error: unknown) => logger.error({ err: error }, 'no app can be started'));

  /** What could not be laid down, since the disk was full, is tried again by the next start of an app. */
  const wholeBundle = () => {
    bundle = bundle.catch(layDown);
    return bundle;
  };

  const here = (options.describe ?? (() => describeRuntimes({ home })))();
  here.catch(() => {}); // waited for below

  const pool = createHostPool({
    most: options.warmHosts ?? 0,
    logger,
    prepare: async () => {
      const dataBytes = processBytes(WARM_MEMORY_MB);
      const found = await here;
      const prepare = found.runtimes.some(({ kind }) => kind === 'worker') ? 'worker' : null;
      const groupsWork = haveGroups(found);
      return prepareHost({
        ...{
          home,
          socketDirectory,
          dataBytes,
          output: null,
          prepare,
          memoryMb: null,
          canWait: true,
          groupsWork,
        },
        bundle: await wholeBundle(),
      });
    },
  });
  const client = createNodeClient({
    name,
    nodeUrl,
    ownerKey: options.ownerKey ?? null,
    credentials: openCredentialFile(home, name),
  });
  const secrets = createHttpSecretsResolver({
    gatewayUrl: options.gatewayUrl ?? (() => null),
    bearer: client.bearer,
  });
  const outbox = await openOutbox({ directory: join(directory, 'outbox'), post: client.post, logger, hook });
  const observer = createObserver(name, clock);
  const desiredFile = openDesiredFile(directory);

  const found = await adoptRunners(home, name, logger, hook);
  await sweepCutShort([join(home, 'runners'), directory, join(directory, 'apps'), join(directory, 'outbox')]);
  const metrics = startMetrics({ home, name, list: () => instances.list(), clock, logger });
  const instances = createInstances(
    {
      home,
      nodeUrl,
      memory: openAppMemory(directory),
      observer,
      outbox: metrics.crashesOf(outbox),
      clock,
      logger,
      drainMs: options.drainMs ?? DRAIN_MS,
      closing: closing.signal,
      hook,
      prepare: async ({ artifact_prefix, digest }) => {
        const folder = artifactFolder(home, digest);
        await fetchTree(store, artifact_prefix, digest, folder);
        return folder;
      },
      async launch(request) {
        const begun = performance.now();
        const { app } = request.assignment;
        const isCold = instances.list().every((each) => each.app !== app || each.pid === null);
        const bundle = wholeBundle;
        const context = {
          ...{ home, supervisor: name, nodeUrl, socketDirectory, bundle },
          ...{ clock, pool, hook, secrets, here },
        };
        const outcome = await launch(context, request);
        return metrics.launched(isCold, performance.now() - begun, outcome);
      },
    },
    found.map((each) => (each.kind === 'adopted' ? { ...each, runner: metrics.watched(each.runner) } : each)),
    await desiredFile.load(),
  );
  /** Boxes that a runner left when it was killed. */
  const sweep = async (withStrays: boolean): Promise<void> => {
    try {
      await sweepBoxes({ home }, undefined, withStrays);
    } catch (error) {
      logger.warn({ err: error }, 'what a killed runner left could not be looked through');
    }
  };
  void sweep(true);
  const apply = async (desired: DesiredState): Promise<void> => {
    await desiredFile.save(desired);
    await hook('desired state saved');
    instances.apply(desired);
  };
  const stopMonitor = (options.ticker ?? everyFiveSeconds)(async () => {
    await Promise.all([instances.look(), sweep(false)]);
  });

  const appsData = createAppsData({ home, socketDirectory, bundle: wholeBundle });
  const controlKey = randomBytes(32).toString('base64url');
  const api = createApi({
    name,
    controlKey,
    logger,
    clock,
    operations: {
      list: () => instances.list(),
      async wake(app) {
        // The node may ask for an app a moment before its assignment has come down the stream.
        if (!instances.isAssigned(app)) await client.desired(closing.signal).then(apply, () => {});
        return instances.get(app).wake();
      },
      stop: (app) => instances.get(app).stop(),
      logFile: (app) => logPath(home, app),
      data: async (app) => appsData.handlerOf(instances.assignmentOf(app)),
      stored: (app) => storedBytes(home, app),
      metrics,
    },
  });
  const url = await listen(api, options.bind);

  const contact = Promise.withResolvers<void>();
  const { runtimes, refused } = await here;
  const presence = {
    url,
    tags: runtimes.map(({ kind }) => kind),
    runtimes: [...runtimes],
    refused: [...refused],
    control_key: controlKey,
  };
  const following = followNode(
    { name, client, presence, apply, logger, signal: closing.signal },
    contact.resolve,
  );
  await Promise.race([contact.promise, wait(FIRST_CONTACT_MS, undefined, { ref: false })]);
  await bundle.catch(() => {}); // holds the loop for some 60 ms once per version: before visitors come, not while they wait
  pool.open();
  logger.info(
    { url, name, adopted: found.filter(({ kind }) => kind === 'adopted').length },
    'supervisor is up',
  );

  return {
    url,
    async close() {
      closing.abort(new Error('the supervisor is closing'));
      stopMonitor();
      api.close();
      api.closeAllConnections();
      appsData.close();
      await Promise.all([following, instances.close(), pool.close(), bundle.catch(() => {})]);
      await sweep(false); // the boxes of the hosts that waited
      await metrics.close();
      await outbox.flush(FLUSH_MS);
      await outbox.close();
    },
  };
}

function everyFiveSeconds(round: () => Promise<void>): () => void {
  const timer = setInterval(() => void round(), MONITOR_MS).unref();
  return () => clearInterval(timer);
}

async function listen(server: Server, bind: { host: string; port: number }): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(bind.port, bind.host, () => resolve());
  });
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
