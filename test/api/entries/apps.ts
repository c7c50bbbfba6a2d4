import { deployingTo } from '../deploying.ts';
import type { Entry } from '../entry.ts';
import { archiveOf, removableVersion } from '../furnish.ts';
import type { Office } from '../office.ts';
import { EMPTY_FILE, newestFiles, openUpload } from '../uploads.ts';

const ofApp = (_world: unknown, { app }: Office) => ({ params: { uuid: app } });
/** What no approval can put off or undo is for persons; what else an agent asks for is taken, and waits for one. */
const NO_AGENT = { agent: 403 } as const;

export const appEntries: readonly Entry[] = [
  { operation: 'GET /v1/apps', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  { operation: 'GET /v1/apps/{uuid}', allowed: 'read', call: ofApp, status: 200, stranger: 'hidden' },
  {
    operation: 'GET /v1/apps/{uuid}/versions',
    allowed: 'read',
    call: ofApp,
    status: 200,
    stranger: 'hidden',
  },
  ...(['', '/diff'] as const).map(
    (what): Entry => ({
      operation: `GET /v1/apps/{uuid}/versions/{n}${what}`,
      allowed: 'read',
      call: (_world, { app }) => ({ params: { uuid: app, n: '1' } }),
      status: 200,
      stranger: 'hidden',
    }),
  ),
  {
    operation: 'DELETE /v1/apps/{uuid}/versions/{n}',
    allowed: 'deploy',
    except: NO_AGENT,
    async call(world, office) {
      return { params: { uuid: office.app, n: String(await removableVersion(world, office)) } };
    },
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'POST /v1/apps/{uuid}/versions',
    allowed: 'deploy',
    async call(_world, { app, appName }) {
      const body = { bytes: await archiveOf(app, appName, appName), type: 'application/gzip' };
      return { params: { uuid: app }, body };
    },
    status: 201,
    stranger: 'hidden',
    noTwin: 'a push to an id that does not exist makes the app',
  },
  {
    operation: 'POST /v1/apps/{uuid}/uploads',
    allowed: 'deploy',
    call: (_world, { app }) => ({ params: { uuid: app }, json: { files: [EMPTY_FILE] } }),
    status: 201,
    stranger: 'hidden',
    noTwin: 'a push to an id that does not exist makes the app',
    appendsNothing: 'it belongs to the push that publishes it, and without one it is removed after a day',
  },
  {
    operation: 'GET /v1/apps/{uuid}/uploads/{id}',
    allowed: 'deploy',
    call: async (world, office) => ({
      params: { uuid: office.app, id: await openUpload(world, office, [EMPTY_FILE]) },
    }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'PATCH /v1/apps/{uuid}/uploads/{id}',
    allowed: 'deploy',
    call: async (world, office) => ({
      params: { uuid: office.app, id: await openUpload(world, office, [EMPTY_FILE]) },
      headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0' },
      body: { bytes: new Uint8Array(), type: 'application/offset+octet-stream' },
    }),
    status: 204,
    stranger: 'hidden',
    appendsNothing: 'it belongs to the push that publishes it, and without one it is removed after a day',
  },
  {
    operation: 'POST /v1/apps/{uuid}/uploads/{id}/publish',
    allowed: 'deploy',
    call: async (world, office) => ({
      params: { uuid: office.app, id: await openUpload(world, office, await newestFiles(world, office)) },
    }),
    status: 201,
    stranger: 'hidden',
  },
  {
    operation: 'POST /v1/apps/{uuid}/deploy',
    allowed: 'deploy',
    call: (_world, { app }) => ({ params: { uuid: app }, json: {} }),
    status: 202,
    stranger: 'hidden',
  },
  ...(['start', 'stop', 'restart', 'reset', 'purge'] as const).map(
    (verb): Entry => ({
      operation: `POST /v1/apps/{uuid}/${verb}`,
      allowed: 'deploy',
      call: ofApp,
      status: 202,
      stranger: 'hidden',
    }),
  ),
  ...(['GET', 'PUT', 'DELETE'] as const).map(
    (method): Entry => ({
      operation: `${method} /v1/apps/{uuid}/data/kv/{key}`,
      allowed: 'data',
      call: (_world, { app }) => ({
        params: { uuid: app, key: 'a/b' },
        ...(method === 'PUT' && { body: { bytes: new Uint8Array([1]), type: 'image/png' } }),
      }),
      status: 200,
      stranger: 'hidden',
      ...(method !== 'GET' && { appendsNothing: 'data of an app (CONTRACTS §6)' }),
    }),
  ),
  { operation: 'GET /v1/apps/{uuid}/data', allowed: 'read', call: ofApp, status: 200, stranger: 'hidden' },
  { operation: 'GET /v1/apps/{uuid}/data/kv', allowed: 'data', call: ofApp, status: 200, stranger: 'hidden' },
  {
    operation: 'POST /v1/apps/{uuid}/data/sql',
    allowed: 'data',
    call: (_world, { app }) => ({ params: { uuid: app }, json: { sql: 'SELECT 1' } }),
    status: 200,
    stranger: 'hidden',
    appendsNothing: 'data of an app (CONTRACTS §6)',
  },
  { operation: 'GET /v1/apps/{uuid}/metrics', allowed: 'read', call: ofApp, status: 200, stranger: 'hidden' },
  { operation: 'GET /v1/metrics', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  { operation: 'GET /metrics', allowed: 'read', call: () => ({}), status: 200, stranger: 'own' },
  { operation: 'GET /v1/apps/{uuid}/logs', allowed: 'read', call: ofApp, status: 200, stranger: 'hidden' },
  {
    operation: 'POST /v1/apps/{uuid}/rollback',
    allowed: 'deploy',
    call: (_world, { app }) => ({ params: { uuid: app }, json: {} }),
    status: 202,
    stranger: 'hidden',
  },
  {
    operation: 'GET /v1/apps/{uuid}/deployments',
    allowed: 'read',
    call: ofApp,
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'DELETE /v1/deployments/{id}',
    allowed: 'deploy',
    exceptOwn: NO_AGENT,
    call: async (world, office) => ({ params: { id: await deployingTo(world, office) } }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'GET /v1/deployments/{id}',
    allowed: 'read',
    call: (_world, { deployment }) => ({ params: { id: deployment } }),
    status: 200,
    stranger: 'hidden',
  },
  {
    operation: 'GET /v1/deployments/{id}/stream',
    allowed: 'read',
    call: (_world, { deployment }) => ({ params: { id: deployment } }),
    status: 200,
    stranger: 'hidden',
  },
];
