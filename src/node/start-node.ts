import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { ObjectStore } from '../artifacts/index.ts';
import { type Clock, type Logger, systemClock } from '../kit/index.ts';
import type { SealedLog } from '../log/index.ts';
import { TimedResponse } from '../runner/index.ts';
import { createApi } from './api/api.ts';
import type { ApiEnv } from './api/context.ts';
import { problemResponse } from './api/respond.ts';
import { createAppCalls } from './app-calls/app-calls.ts';
import { callKeys } from './app-calls/call-keys.ts';
import { appDirectory, appPlaces } from './app-endpoints.ts';
import { startCarryingOut } from './approvals/carry-out.ts';
import { startExpiry } from './approvals/expire-approvals.ts';
import { startOffering } from './approvals/offer-denied.ts';
import { policiesOf } from './approvals/policies.ts';
import { createServerEnd } from './closing-server.ts';
import { createCommandQueue } from './commands/command-queue.ts';
import { createAuthenticator } from './credentials/authenticator.ts';
import { forwardClock } from './credentials/forward-clock.ts';
import { ensureOwnerKey } from './credentials/owner-key.ts';
import { startDeployer } from './deploys/deployer.ts';
import { createProgress } from './deploys/progress.ts';
import { createEdge } from './edge/edge.ts';
import { createEdgeServer } from './edge/edge-server.ts';
import { recogniseThrough } from './edge-credentials.ts';
import { followState } from './live-state.ts';
import { startFileFigures } from './metrics/file-figures.ts';
import { startNodeFigures } from './metrics/node-figures.ts';
import { officeUrls } from './office-urls.ts';
import { startProjections } from './projections/projections.ts';
import { followPublicApps } from './public-apps.ts';
import { noteEdgeRefusal } from './refusals/note-refusals.ts';
import { createRefusals } from './refusals/refusals.ts';
import { freeBytesOf, watchDisk } from './retention/disk-reserve.ts';
import { guardTraffic } from './retention/guard-traffic.ts';
import { openRetention } from './retention/retention.ts';
import { RETENTION_DEFAULTS, type RetentionSettings } from './retention/settings.ts';
import { sealKey } from './seal-key.ts';
import { gatewayClient } from './secrets/gateway-client.ts';
import { appCookies } from './sessions/app-cookie.ts';
import { createHandOver } from './sessions/hand-over.ts';
import { createPasses } from './sessions/passes.ts';
import { createSessions } from './sessions/sessions.ts';
import { createSignIn } from './sessions/sign-in.ts';
import { createSnapshots } from './snapshots/snapshots.ts';
import { countedFiles } from './static-files/counted-files.ts';
import { COPIES_FOLDER } from './static-files/read-files.ts';
import { createStaticFiles } from './static-files/static-files.ts';
import { createPresences } from './supervisors/presences.ts';
import { createSupervisorClient } from './supervisors/supervisor-client.ts';
import type { TracingSettings } from './tracing/settings.ts';
import { openUploads } from './uploads/uploads.ts';
import { VERSION_LIMITS, type VersionLimits } from './versions/limits.ts';
import { withdrawUnannounced } from './versions/publish-notes.ts';
import { finishRemovals } from './versions/remove-version.ts';
import { createReservations } from './versions/reservations.ts';

export interface NodeOptions {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  /** Port 0 lets the system choose. */
  readonly bind: { readonly host: string; readonly port: number };
  /** Descriptor of a socket that listens already, instead of `bind`. */
  readonly listenFd?: number;
  /** Office domain: apps answer at `<slug>.<domain>`; default `localhost`. */
  readonly domain?: string;
  /** Where visitors from outside find the office. */
  readonly publicUrl?: string;
  readonly log: SealedLog;
  readonly store: ObjectStore;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** What is not said is as `RETENTION_DEFAULTS` has it. */
  readonly retention?: Partial<RetentionSettings> & {
    /** Milliseconds between two runs; default an hour. */
    readonly runEveryMs?: number;
  };
  /** How much of what is pushed is kept. */
  readonly versionLimits?: VersionLimits;
  /** Where the gateway answers, asked at each need; null while that is not known. */
  readonly gatewayUrl?: () => string | null;
  /** Null: visits are not traced. */
  readonly tracing?: TracingSettings | null;
  /** Routes of higher rooms, mounted behind the node's guards. */
  readonly extraRoutes?: Hono<ApiEnv>;
}

export interface TabbifyNode {
  /** Base URL where it answers. */
  readonly url: string;
  /** File with the owner's credential. */
  readonly ownerKeyFile: string;
  /** Takes no new visitors; resolves when what they asked is answered, or after 10 s. Streams and WebSockets go on. */
  drain(): Promise<void>;
  /** Drains, then ends what runs in the node; apps, log and store are left as they are. */
  close(): Promise<void>;
}

/** Events after which an app may answer somewhere else, or on other hosts. */
const MOVES = new Set([
  'app_assigned',
  'app_start_requested',
  'app_stop_requested',
  'app_purge_requested',
  'deployment_succeeded',
  'app_started',
  'app_stopped',
  'app_idled',
  'app_crashed',
  'app_purged',
  'assignment_applied',
  'assignment_failed',
]);

/**
 * Starts the node: control API and edge on one port. Resolves when it answers.
 *
 * @throws the system's error when it cannot listen (EADDRINUSE …); what log and state say of a log they cannot read
 */
export async function startNode(options: NodeOptions): Promise<TabbifyNode> {
  const { home, store, logger, domain = 'localhost', clock = systemClock } = options;
  const ownerKeyFile = join(home, 'node.key');
  // what a killed node was in the middle of; unfinished deployments begin again from the store
  for (const folder of ['uploads', 'build', COPIES_FOLDER])
    await rm(join(home, folder), { recursive: true, force: true });
  const { runEveryMs, ...settings } = { ...RETENTION_DEFAULTS, ...options.retention };
  const disk = await watchDisk(settings.reserveBytes, () => freeBytesOf(home), logger);
  const log = guardTraffic(options.log, disk);
  const retention = await openRetention({
    home,
    log,
    clock,
    logger,
    settings,
    ...(runEveryMs === undefined ? {} : { runEveryMs }),
  });
  const snapshots = await createSnapshots({ home, log, logger });
  const live = await followState(log, logger, await snapshots.load());
  await withdrawUnannounced(home, store, live.office, logger);
  const reservations = createReservations();
  const versionLimits = options.versionLimits ?? VERSION_LIMITS;
  const uploads = await openUploads({ home, store, live, clock, logger, versionLimits, reservations });
  await snapshots.keep(live);
  const projections = startProjections({ home, log, logger });
  const commands = createCommandQueue(log, live);
  const credentialClock = await forwardClock(clock, log);
  const authenticator = createAuthenticator(live, credentialClock);
  const sessions = createSessions({ log, live, commands, clock: credentialClock, logger });
  const cookies = appCookies(await sealKey(join(home, 'session.key')));
  const handOver = createHandOver(sessions, cookies, credentialClock);
  const signIn = createSignIn(sessions, authenticator, credentialClock);
  const apps = appDirectory(live.office);
  const keysOfCalls = callKeys(await sealKey(join(home, 'calls.key')));
  const calls = createAppCalls(live, apps, keysOfCalls);
  const publicApps = followPublicApps(live, apps);
  const presences = createPresences(clock);
  const supervisors = createSupervisorClient(presences);
  const refusals = createRefusals({ log, clock, logger });
  const progress = createProgress(live);
  const figures = startNodeFigures(() => live.office.position);
  const fileFigures = startFileFigures({ home, clock, logger });
  const tracing = options.tracing
    ? (await import('./tracing/open-tracing.ts')).openTracing(options.tracing, logger)
    : null;
  let port = options.bind.port;

  const edge = createEdge({
    domain,
    publicUrl: options.publicUrl,
    port: () => port,
    apps,
    places: appPlaces(live, presences, supervisors),
    staticFiles: countedFiles(createStaticFiles({ store, home, logger }), ({ app, response }, bytes) => {
      if (response instanceof TimedResponse) fileFigures.count(app, response, bytes);
    }),
    recognise: recogniseThrough(authenticator),
    sessions: handOver,
    calls,
    publicUntil: publicApps.until,
    onRefused: (refused) => noteEdgeRefusal(refusals, refused),
    tracing,
  });
  live.onEvent((event) => {
    // A runner that was adopted is where it was: while its supervisor dies again nobody could be asked for that.
    const isMove = MOVES.has(event.type) && event.data.adopted !== true;
    if (isMove) edge.invalidate(String(event.data.app));
  });
  const place = { domain, publicUrl: options.publicUrl === undefined ? null : new URL(options.publicUrl) };
  const tools = {
    home,
    log,
    store,
    live,
    snapshots,
    projections,
    commands,
    presences,
    progress,
    supervisors,
    policyOf: policiesOf(live.office),
    gateway: gatewayClient(options.gatewayUrl ?? (() => null)),
    figures,
    fileFigures,
    authenticator,
    ...{ sessions, passes: createPasses(credentialClock), signIn, handOver, apps, place },
    callKeys: keysOfCalls,
    refusals,
    retentionSettings: settings,
    versionLimits,
    reservations,
    uploads,
    freeBytes: () => disk.freeBytes,
    credentialClock,
    clock,
    logger,
  };
  const api = createApi({
    ...tools,
    hostNames: edge.hostNames,
    urls: officeUrls(place, () => port),
    extraRoutes: options.extraRoutes,
  });
  const listener = getRequestListener(api.fetch, {
    errorHandler: (error) => {
      logger.error({ err: error }, 'request broke');
      return problemResponse(error);
    },
  });
  const toOffice = (request: IncomingMessage, response: ServerResponse) => void listener(request, response);
  const server = createEdgeServer(edge, toOffice, figures.begin);
  const end = createServerEnd(server, () => void edge.close());
  const closeParts = async () => {
    uploads.close();
    disk.close();
    figures.close();
    await retention.close();
    await edge.close();
    await fileFigures.close();
    const traced = tracing?.close(); // a collector that does not answer holds up nothing else
    await supervisors.close();
    await refusals.close();
    await sessions.close();
    calls.close();
    publicApps.close();
    authenticator.close();
    await projections.close();
    await live.close();
    await snapshots.close();
    await traced;
  };
  try {
    await listen(server, options);
    port = (server.address() as AddressInfo).port;
    await ensureOwnerKey(ownerKeyFile, live, commands, logger);
  } catch (error) {
    await end.close();
    await closeParts();
    throw error;
  }
  const deployer = startDeployer(tools);
  const expiry = startExpiry(tools);
  const carrying = startCarryingOut(tools);
  const offering = startOffering(tools);
  const removals = new AbortController();
  const removing = finishRemovals(tools, removals.signal);
  void retention.start((draft) => commands.append(draft));
  const host = options.listenFd === undefined ? options.bind.host : (server.address() as AddressInfo).address;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  logger.info({ url, position: live.office.position }, 'node listens');
  return {
    url,
    ownerKeyFile,
    drain: end.drain,
    async close() {
      removals.abort();
      await end.close();
      await offering.close();
      await expiry.close();
      await carrying.close();
      await deployer.close();
      await removing;
      await closeParts();
    },
  };
}

/** Connections that may wait to be taken, on a socket that stays while the office is away. */
const BACKLOG = 4_096;

async function listen(server: Server, { bind, listenFd }: Pick<NodeOptions, 'bind' | 'listenFd'>) {
  if (listenFd === undefined) server.listen(bind.port, bind.host);
  else server.listen({ fd: listenFd, backlog: BACKLOG });
  await once(server, 'listening'); // rejects with the server's error
}
