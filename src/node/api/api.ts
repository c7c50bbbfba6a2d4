import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from '../../kit/index.ts';
import type { SealedLog } from '../../log/index.ts';
import type { CallKeys } from '../app-calls/call-keys.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import type { PublishTools } from '../commands/publish-version.ts';
import type { Authenticator } from '../credentials/authenticator.ts';
import type { ForwardClock } from '../credentials/forward-clock.ts';
import type { Progress } from '../deploys/progress.ts';
import type { Place } from '../edge/addresses.ts';
import type { AppDirectory } from '../edge/app-directory.ts';
import type { HostNames } from '../edge/host-names.ts';
import { nodeError } from '../errors.ts';
import type { FileFigures } from '../metrics/file-figures.ts';
import type { NodeFigures } from '../metrics/node-figures.ts';
import type { OfficeUrls } from '../office-urls.ts';
import type { Projections } from '../projections/projections.ts';
import { noteRefusals } from '../refusals/note-refusals.ts';
import type { Refusals } from '../refusals/refusals.ts';
import type { RetentionSettings } from '../retention/settings.ts';
import type { GatewayClient } from '../secrets/gateway-client.ts';
import { OFFICE_COOKIE } from '../sessions/cookies.ts';
import type { HandOver } from '../sessions/hand-over.ts';
import type { Passes } from '../sessions/passes.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SignIn } from '../sessions/sign-in.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { Presences } from '../supervisors/presences.ts';
import type { SupervisorClient } from '../supervisors/supervisor-client.ts';
import { appControlRoutes } from './app-control.ts';
import { appDataRoutes } from './app-data.ts';
import { appLogsRoutes } from './app-logs.ts';
import { approvalsRoutes } from './approvals.ts';
import { appsRoutes } from './apps.ts';
import { blobsRoutes } from './blobs.ts';
import { type ApiEnv, type ApiRouter, newRouter } from './context.ts';
import { deploymentsRoutes } from './deployments.ts';
import { addDocs } from './docs.ts';
import { eraseRoutes } from './erase.ts';
import { eventsRoutes } from './events.ts';
import { addFrontDoor } from './front-door.ts';
import { grantsRoutes } from './grants.ts';
import { refuseForeignOrigins, requireCredential } from './guards.ts';
import { logRoutesOfNode } from './log.ts';
import { addLogin } from './login.ts';
import { metricsRoutes } from './metrics.ts';
import { officesRoutes } from './offices.ts';
import { addOpen } from './open.ts';
import { policyRoutes } from './policy.ts';
import { projectionsRoutes } from './projections.ts';
import { problemResponse, problemResponses } from './respond.ts';
import { secretsRoutes } from './secrets.ts';
import { selfRoutes } from './self.ts';
import { sessionsRoutes } from './sessions.ts';
import { spawnsRoutes } from './spawns.ts';
import { stateRoutes } from './state.ts';
import { supervisorsRoutes } from './supervisors.ts';
import { tokensRoutes } from './tokens.ts';
import { uploadsRoutes } from './uploads.ts';
import { versionsRoutes } from './versions.ts';

/** All that the routes work with. */
export interface ApiTools extends PublishTools {
  readonly log: SealedLog;
  readonly retentionSettings: RetentionSettings;
  /** Bytes free on the disk of the home. */
  readonly freeBytes: () => number;
  readonly authenticator: Authenticator;
  readonly credentialClock: ForwardClock;
  readonly refusals: Refusals;
  readonly snapshots: Snapshots;
  readonly projections: Projections;
  readonly presences: Presences;
  readonly progress: Progress;
  readonly supervisors: SupervisorClient;
  readonly policyOf: PolicyOf;
  readonly gateway: GatewayClient;
  readonly figures: NodeFigures;
  readonly fileFigures: FileFigures;
  readonly sessions: Sessions;
  readonly passes: Passes;
  readonly signIn: SignIn;
  readonly handOver: HandOver;
  readonly apps: AppDirectory;
  readonly callKeys: CallKeys;
  readonly place: Place;
  readonly hostNames: HostNames;
  readonly urls: OfficeUrls;
  readonly logger: Logger;
  /** Routes of higher rooms; under `/v1` they find the principal in the context. */
  readonly extraRoutes?: Hono<ApiEnv> | undefined;
}

/** Bytes of a JSON body; archives and blobs are streamed and bounded where they are read. */
const MAX_JSON_BYTES = 1 << 20;
const STREAMED = /^\/v1\/(apps\/[^/]+\/(versions|uploads(\/[^/]+)?)|blobs\/[^/]+)$/;

/** The control API (CONTRACTS §7). */
export function createApi(tools: ApiTools): ApiRouter {
  const api = newRouter();
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: () => {
      throw nodeError('body_too_large', { what: `A body has at most ${MAX_JSON_BYTES} bytes here` });
    },
  });
  api.onError(problemResponses(tools.logger));
  api.notFound((c) =>
    problemResponse(
      nodeError('route_unknown', {
        what: `Nothing answers ${c.req.method} ${c.req.path}`,
        hint: 'See /docs',
      }),
    ),
  );
  api.use('*', noteRefusals(tools.refusals, tools.authenticator));
  api.use('*', refuseForeignOrigins(tools.hostNames));
  api.get('/health', (c) => c.json({ status: 'ok' }));
  for (const guarded of ['/v1/*', '/metrics/*']) {
    api.use(guarded, requireCredential(tools, tools.live.office));
  }
  api.use('/v1/*', (c, next) => (STREAMED.test(c.req.path) ? next() : limit(c, next)));
  api.route('/', appsRoutes(tools.live.office, tools.urls, tools.presences));
  api.route('/', versionsRoutes(tools));
  api.route('/', uploadsRoutes(tools));
  api.route('/', deploymentsRoutes(tools));
  api.route('/', appControlRoutes(tools));
  api.route('/', approvalsRoutes(tools));
  api.route('/', grantsRoutes(tools));
  api.route('/', policyRoutes(tools));
  api.route('/', appLogsRoutes(tools));
  api.route('/', appDataRoutes(tools));
  api.route('/', metricsRoutes(tools));
  api.route('/', eventsRoutes(tools));
  api.route('/', blobsRoutes(tools.log));
  api.route('/', eraseRoutes(tools));
  api.route('/', logRoutesOfNode(tools));
  api.route('/', stateRoutes(tools));
  api.route('/', projectionsRoutes(tools));
  api.route('/', supervisorsRoutes(tools));
  api.route('/', officesRoutes(tools));
  api.route('/', tokensRoutes(tools));
  api.route('/', sessionsRoutes(tools));
  api.route('/', selfRoutes());
  api.route('/', secretsRoutes(tools));
  api.route('/', spawnsRoutes(tools));
  if (tools.extraRoutes !== undefined) api.route('/', tools.extraRoutes);
  addFrontDoor(api, tools.sessions);
  addLogin(api, tools);
  addOpen(api, tools);
  addReference(api);
  return api;
}

function addReference(api: ApiRouter): void {
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'The owner’s credential lies in `node.key` of the office’s home (`~/.tabbify`).',
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: OFFICE_COOKIE,
    description: 'A browser that is signed in, from the office’s own pages alone.',
  });
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/health',
    tags: ['Office'],
    summary: 'Is the node up?',
    responses: { 200: { description: 'It is' } },
  });
  // made while nobody waits yet: it takes 15 ms
  const document = JSON.stringify(
    api.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Tabbify node',
        version: '1',
        description:
          'Everything the command line does, it does through this API. Errors are RFC 9457 problem+json with a `hint`.',
      },
    }),
  );
  api.get('/openapi.json', (c) => c.body(document, 200, { 'content-type': 'application/json' }));
  addDocs(api);
}
