import { isUuid } from '../../kit/index.ts';
import { cliError } from '../errors.ts';
import { findNode } from './address.ts';
import { type ApprovalsClient, approvalsClient } from './approvals.ts';
import { type DeploymentsClient, deploymentsClient } from './deployments.ts';
import { type EventsClient, eventsClient } from './events.ts';
import { type LogClient, logClient } from './log.ts';
import { type AppFigures, currentFigures } from './metrics.ts';
import { type OfficesClient, officesClient } from './offices.ts';
import { allRows } from './pages.ts';
import {
  type AppReply,
  appReply,
  appsReply,
  type PublishedReply,
  publishedReply,
  type StoredReply,
  type SupervisorReply,
  storedReply,
  supervisorsReply,
} from './replies.ts';
import { call, callJson } from './request.ts';
import { type SecretsClient, secretsClient } from './secrets.ts';
import { type SessionsClient, sessionsClient } from './sessions.ts';
import { type TokensClient, tokensClient } from './tokens.ts';
import { type UploadsClient, uploadsClient } from './uploads.ts';
import { type VersionsClient, versionsClient } from './versions.ts';

/** The node's API as functions. All throw TabbifyErrors that can be shown as they are. */
export interface NodeClient {
  readonly url: string;
  apps(): Promise<readonly AppReply[]>;
  app(uuid: string): Promise<AppReply>;
  /** The app of that slug, name or uuid. @throws `app_unknown` naming those that exist */
  findApp(nameOrUuid: string): Promise<AppReply>;
  /** Asks the app's host to do something with it; answers before that is done. */
  control(uuid: string, action: 'start' | 'stop' | 'restart' | 'reset'): Promise<AppReply>;
  /** Has what an app is run with removed from its hosts, and with `data` for good what it has stored. */
  purge(uuid: string, how: { readonly data: boolean }): Promise<AppReply>;
  /** What the app has stored, on each host that has, or may have, something of it. */
  stored(uuid: string): Promise<StoredReply>;
  /** Publishes a gzipped tar as the app's next version. */
  publish(uuid: string, archive: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<PublishedReply>;
  readonly uploads: UploadsClient;
  readonly versions: VersionsClient;
  readonly deployments: DeploymentsClient;
  readonly approvals: ApprovalsClient;
  readonly events: EventsClient;
  /** The app's output, as text or as JSON lines. @param query as `GET /v1/apps/{uuid}/logs` takes it */
  logs(uuid: string, query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response>;
  /** What every app does now. */
  figures(signal?: AbortSignal): Promise<readonly AppFigures[]>;
  supervisors(): Promise<readonly SupervisorReply[]>;
  readonly log: LogClient;
  readonly offices: OfficesClient;
  readonly tokens: TokensClient;
  readonly sessions: SessionsClient;
  readonly secrets: SecretsClient;
  /** Does the node answer `/health`? */
  healthy(signal?: AbortSignal): Promise<boolean>;
  /** Asks an app over its path mount. */
  visit(pathUrl: string, signal?: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
}

/** Finds the node and gives back its API. Makes no call yet. */
export async function connectNode(from: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly office?: string | undefined;
}): Promise<NodeClient> {
  const address = await findNode(from.env, from.home, from.office);
  const signalled = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

  const apps = () => allRows(address, '/v1/apps', appsReply, (page) => page.apps);
  const app = (uuid: string) => callJson(address, { path: `/v1/apps/${uuid}` }, appReply);

  return {
    url: address.url,
    apps,
    app,
    async findApp(nameOrUuid) {
      if (isUuid(nameOrUuid)) return app(nameOrUuid);
      const all = await apps();
      const found = all.find((each) => each.slug === nameOrUuid || each.name === nameOrUuid);
      if (found) return found;
      const names = all.map((each) => each.slug ?? each.name);
      throw cliError('app_unknown', {
        what: `There is no app named ${nameOrUuid}`,
        why: names.length === 0 ? 'the office has no apps yet' : `the office has: ${names.join(', ')}`,
        hint: names.length === 0 ? 'Push one: `tcli push <dir>`.' : 'Name one of them, or give its uuid.',
      });
    },
    control: (uuid, action) =>
      callJson(address, { method: 'POST', path: `/v1/apps/${uuid}/${action}` }, appReply),
    purge: (uuid, how) =>
      callJson(address, { method: 'POST', path: `/v1/apps/${uuid}/purge`, json: how }, appReply),
    stored: (uuid) => callJson(address, { path: `/v1/apps/${uuid}/data` }, storedReply),
    publish: (uuid, archive, signal) =>
      callJson(
        address,
        {
          method: 'POST',
          path: `/v1/apps/${uuid}/versions`,
          body: archive,
          contentType: 'application/gzip',
          ...signalled(signal),
        },
        publishedReply,
      ),
    uploads: uploadsClient(address),
    versions: versionsClient(address),
    deployments: deploymentsClient(address),
    approvals: approvalsClient(address),
    events: eventsClient(address),
    logs(uuid, query, signal) {
      const path = `/v1/apps/${uuid}/logs?${new URLSearchParams(query)}`;
      return call(address, { path, accept: 'text/plain, application/jsonl', ...signalled(signal) });
    },
    figures: (signal) => currentFigures(address, signal),
    async supervisors() {
      return (await callJson(address, { path: '/v1/supervisors' }, supervisorsReply)).supervisors;
    },
    log: logClient(address),
    offices: officesClient(address),
    tokens: tokensClient(address),
    sessions: sessionsClient(address),
    secrets: secretsClient(address),
    async healthy(signal) {
      try {
        const response = await call(address, { path: '/health', ...signalled(signal) });
        await response.body?.cancel();
        return true;
      } catch {
        return false;
      }
    },
    async visit(pathUrl, signal) {
      const response = await fetch(pathUrl, {
        redirect: 'manual',
        headers:
          address.key === null || !pathUrl.startsWith(`${address.url}/`)
            ? {}
            : { authorization: `Bearer ${address.key}` },
        ...signalled(signal),
      });
      return { status: response.status, body: await response.text() };
    },
  };
}
