import { openFolderStore } from '../artifacts/index.ts';
import { startGateway } from '../gateway/index.ts';
import { createLogger, type Logger } from '../kit/index.ts';
import { openKeyring, openSqliteLog, sealedLog } from '../log/index.ts';
import { startNode } from '../node/index.ts';
import { startSupervisor } from '../supervisor/index.ts';
import type { OfficeConfig } from './config.ts';
import { type HomePaths, prepareHome } from './home.ts';
import { noteVersion, withVersionNeeded } from './last-version.ts';
import { listening, listeningOn } from './listening.ts';
import { TABBIFY_VERSION } from './version.ts';

/** A running part of the office. Closing it is graceful and leaves runners alive. */
export interface RunningPart {
  /** Base URL where it answers. */
  readonly url: string;
  close(): Promise<void>;
}

/** The node, which visitors come to. */
export interface RunningNode extends RunningPart {
  /** Takes no new visitors; resolves when what they asked is answered, or after 10 s. `close` begins with it. */
  drain(): Promise<void>;
}

/**
 * Opens the log and serves the control API and the edge. Only one node may have a home open.
 *
 * @param gatewayUrl where the gateway answers; null while that is not known
 */
export async function runNode(
  config: OfficeConfig,
  gatewayUrl: () => string | null = () => config.gateway.url,
): Promise<RunningNode> {
  const paths = await prepareHome(config.home);
  const logger = createLogger('node', config.logLevel);
  try {
    const node = await openNode(config, paths, logger, gatewayUrl);
    await noteVersion(paths.version, TABBIFY_VERSION).catch((error: unknown) =>
      logger.warn({ err: error }, 'which version has this home open was not noted'),
    );
    return node;
  } catch (error) {
    throw await withVersionNeeded(error, paths.version, TABBIFY_VERSION);
  }
}

async function openNode(
  config: OfficeConfig,
  paths: HomePaths,
  logger: Logger,
  gatewayUrl: () => string | null,
): Promise<RunningNode> {
  const kept = await openSqliteLog({ file: paths.log, logger });
  const { bind, passedFd, domain, publicUrl } = config.node;
  try {
    const log = sealedLog(kept, await openKeyring(paths.keys)); // the lock of the log holds for its keys as well
    const store = await openFolderStore(paths.objects);
    const start = () =>
      startNode({
        home: config.home,
        bind,
        ...(passedFd === null ? {} : { listenFd: passedFd }),
        domain,
        ...(publicUrl === null ? {} : { publicUrl }),
        gatewayUrl,
        log,
        store,
        logger,
        retention: config.retention,
        versionLimits: config.versionLimits,
        tracing: config.tracing,
      });
    const node = await listening('TABBIFY_NODE_BIND', bind, () => listeningOn(passedFd, start));
    return {
      url: node.url,
      drain: node.drain,
      async close() {
        await node.close();
        await log.close();
      },
    };
  } catch (error) {
    await kept.close();
    throw error;
  }
}

/** Serves the gateway, which knows the node by its URL alone and has the secrets of this home. Only one may have them open. */
export async function runGateway(config: OfficeConfig, nodeUrl: string): Promise<RunningPart> {
  await prepareHome(config.home);
  const logger = createLogger('gateway', config.logLevel);
  const { bind, masterKeyFile } = config.gateway;
  return listening('TABBIFY_GATEWAY_BIND', bind, () =>
    startGateway({
      home: config.home,
      ...(masterKeyFile === null ? {} : { masterKeyFile }),
      bind,
      nodeUrl,
      logger,
    }),
  );
}

/**
 * Serves this host's supervisor, which knows the node by its URL alone.
 *
 * @param ownerKey an owner credential, needed for the first join only
 * @param gatewayUrl where the gateway answers, for the secrets of apps; null while that is not known
 */
export async function runSupervisor(
  config: OfficeConfig,
  nodeUrl: string,
  ownerKey: string | null,
  gatewayUrl: () => string | null = () => config.gateway.url,
): Promise<RunningPart> {
  const paths = await prepareHome(config.home);
  const logger = createLogger('supervisor', config.logLevel);
  const store = await openFolderStore(paths.objects);
  return listening('TABBIFY_SUPERVISOR_BIND', config.supervisor.bind, () =>
    startSupervisor({
      home: config.home,
      name: config.supervisor.name,
      warmHosts: config.supervisor.warmHosts,
      nodeUrl,
      gatewayUrl,
      ...(ownerKey === null ? {} : { ownerKey }),
      bind: config.supervisor.bind,
      store,
      logger,
    }),
  );
}
