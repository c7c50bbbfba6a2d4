import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DataHandler, StoredBytes } from '../data/index.ts';
import { type Clock, type Logger, TabbifyError } from '../kit/index.ts';
import { carriesBearer } from './bearer.ts';
import { supervisorError } from './errors.ts';
import type { StartFailure, WakeResult } from './instance-context.ts';
import { readLogQuery } from './log-filter.ts';
import { sendLog } from './log-reply.ts';
import { readChartQuery } from './metrics/chart.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { InstanceStatus } from './protocol.ts';

/** What the node may ask for. Each throws `app_not_assigned` for an app that is not placed here. */
interface SupervisorOperations {
  list(): readonly InstanceStatus[];
  wake(app: string): Promise<WakeResult>;
  stop(app: string): Promise<void>;
  /** Path of the app's log. */
  logFile(app: string): string;
  /** What answers for the app's data. */
  data(app: string): Promise<DataHandler>;
  /** What the app has stored on this host, also when it is not placed here any more. */
  stored(app: string): Promise<readonly StoredBytes[]>;
  readonly metrics: Pick<Metrics, 'now' | 'chart'>;
}

export interface ApiOptions {
  readonly name: string;
  readonly controlKey: string;
  readonly operations: SupervisorOperations;
  readonly logger: Logger;
  readonly clock: Clock;
}

const APP_ROUTE = /^\/v1\/apps\/([0-9a-f-]{36})\/(wake|stop|logs|metrics|data)$/;

/** Calls for an app's data: the rest of the target is read as the app API reads its own. */
const DATA_ROUTE = /^\/v1\/apps\/([0-9a-f-]{36})\/data(\/.*)$/s;

/** The supervisor's HTTP API for the node (supervisor/protocol.ts). Everything but `/health` needs the control key. */
export function createApi(options: ApiOptions): Server {
  return createServer((request, response) => {
    if (!DATA_ROUTE.test(request.url ?? '')) request.resume(); // no command has a body
    handle(options, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      if (error instanceof TabbifyError) return sendProblem(response, error);
      options.logger.error({ err: error, url: request.url }, 'request failed');
      sendJson(response, 500, { type: 'about:blank', title: 'Internal error', status: 500 }, PROBLEM);
    });
  });
}

async function handle(
  options: ApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://supervisor');
  if (request.method === 'GET' && url.pathname === '/health') {
    return sendJson(response, 200, { status: 'ok', supervisor: options.name });
  }
  if (!carriesBearer(request.headers.authorization, options.controlKey)) {
    throw supervisorError('unauthorized', {
      what: 'This call needs the control key of the supervisor',
      hint: 'Call the node instead: it knows the key',
    });
  }
  const { operations } = options;
  if (request.method === 'GET' && url.pathname === '/v1/apps') {
    return sendJson(response, 200, { apps: operations.list() });
  }
  if (request.method === 'GET' && url.pathname === '/v1/metrics') {
    return sendJson(response, 200, { apps: await operations.metrics.now() });
  }
  const [, dataOf, target = ''] = DATA_ROUTE.exec(request.url ?? '') ?? [];
  if (dataOf !== undefined && (await operations.data(dataOf))(request, response, target)) return;
  const [, app = '', verb] = APP_ROUTE.exec(url.pathname) ?? [];
  if (request.method === 'POST' && verb === 'wake') {
    const result = await operations.wake(app);
    return result.ok
      ? sendJson(response, 200, result.reply)
      : sendStartFailure(response, app, result.failure, options.clock);
  }
  if (request.method === 'POST' && verb === 'stop') {
    await operations.stop(app);
    response.writeHead(204).end();
    return;
  }
  if (request.method === 'GET' && verb === 'data') {
    return sendJson(response, 200, { environments: await operations.stored(app) });
  }
  if (request.method === 'GET' && verb === 'logs') {
    return sendLog(response, operations.logFile(app), readLogQuery(url.searchParams));
  }
  if (request.method === 'GET' && verb === 'metrics') {
    const query = readChartQuery(url.searchParams, options.clock.now());
    return sendJson(response, 200, await operations.metrics.chart(app, query));
  }
  throw supervisorError('route_unknown', { what: `No ${request.method} ${url.pathname} here` });
}

const PROBLEM = 'application/problem+json';
/** Seconds a visitor of a parked app is told to wait: a person has to do something first. */
const PARKED_RETRY_SEC = 300;

function sendStartFailure(response: ServerResponse, app: string, failure: StartFailure, clock: Clock): void {
  const { retryAt } = failure;
  const isParked = retryAt === null;
  const waitSec = isParked ? PARKED_RETRY_SEC : Math.max(1, Math.ceil((retryAt - clock.now()) / 1000));
  response.setHeader('retry-after', waitSec);
  const problem = {
    type: 'about:blank',
    title: 'App does not start',
    status: 503,
    detail: `${failure.stage}: ${failure.reason}${isParked ? '; it failed too often and is not tried any more' : ''}`,
    hint:
      failure.hint ??
      `See \`tabbify logs ${app}\`, then push a version that is mended${isParked ? `, or have it tried again with \`tabbify reset ${app}\`` : ''}`,
    code: 'start_failed',
    log_tail: failure.logTail,
  };
  sendJson(response, 503, problem, PROBLEM);
}

function sendProblem(response: ServerResponse, error: TabbifyError): void {
  const { status, title, message: detail, hint, code } = error;
  if (status === 503) response.setHeader('retry-after', 1);
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  sendJson(response, status, { type: 'about:blank', title, status, detail, hint, code }, PROBLEM);
}

function sendJson(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
