import { webcrypto } from 'node:crypto';
import { Agent } from 'undici';
import { type Logger, silentLogger } from '../../kit/index.ts';
import { prepareDraft } from '../envelope-schema.ts';
import { checkExpectation, checkQuery } from '../filter.ts';
import { queryParams } from '../http/query.ts';
import { DEAD_AFTER_MS } from '../http/routes.ts';
import { appendReply, blobReply, pageReply } from '../http/schemas.ts';
import type { EventPage, LogStore, ReadQuery, SubscribeQuery } from '../log-store.ts';
import { readEventStream } from './event-stream.ts';
import { followRemote } from './follow.ts';
import { createRequests } from './requests.ts';

export interface RemoteLogOptions {
  /** Base URL of the node, e.g. `http://127.0.0.1:8090`. */
  readonly url: string;
  /** Credential, shown as bearer. */
  readonly token: string;
  readonly logger?: Logger;
  /** Milliseconds for which a read or an append is repeated while the node cannot be reached; default 10,000. */
  readonly retryForMs?: number;
}

/**
 * The log of an office in another process, over HTTP and SSE. Nothing is connected before it is used.
 *
 * Which offices it sees and writes is up to the credential: `tenants` and the tenant of a blob pick among them, where
 * there is one. A refusal of the server is thrown as the `TabbifyError` it was there.
 */
export function openRemoteLog(options: RemoteLogOptions): LogStore {
  const { url, token, logger = silentLogger(), retryForMs = 10_000 } = options;
  const closing = new AbortController();
  const closed = closing.signal;
  const requests = createRequests({ url, token, retryForMs, closed });
  const streams = new Agent({ bodyTimeout: DEAD_AFTER_MS, headersTimeout: 30_000 });

  const connect = ({ onGap: _, ...query }: SubscribeQuery) => {
    const office = officeOf(query.tenants);
    const headers = { authorization: `Bearer ${token}`, ...(office && { 'tabbify-office': office }) };
    return (after: number, signal: AbortSignal) => {
      const address = new URL(`/v1/events/stream?${queryParams({ ...query, after })}`, url);
      return readEventStream(address, headers, streams, signal);
    };
  };
  const read = async (query: ReadQuery): Promise<EventPage> => {
    checkQuery(query);
    const { tenants } = query;
    const path = `/v1/events?${queryParams(query)}`;
    const page = pageReply.parse(await requests.json({ path, office: officeOf(tenants) }));
    if (tenants === undefined) return page;
    return { ...page, events: page.events.filter((event) => tenants.includes(event.tenant)) };
  };

  return {
    async append(draft, appendOptions) {
      const { draft: event } = prepareDraft(draft);
      const expected = checkExpectation(appendOptions);
      const body = JSON.stringify({ event, ...(expected !== null && { expected_position: expected }) });
      return appendReply.parse(await requests.json({ method: 'POST', path: '/v1/events', body }));
    },
    read,
    subscribe(query, signal) {
      checkQuery({ ...query, limit: 1 });
      return followRemote(connect(query), query, signal, closed, logger);
    },
    async head() {
      return (await read({ after: Number.MAX_SAFE_INTEGER, limit: 1 })).head;
    },
    async putBlob(tenant, bytes, mediatype) {
      const body = Uint8Array.from(bytes); // the caller's may change while it is sent
      // in a thread of the system's pool: 16 MiB would hold the event loop
      const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', body)).toString('hex');
      const path = `/v1/blobs/sha256:${digest}`;
      return blobReply.parse(await requests.json({ method: 'PUT', path, body, mediatype, office: tenant }));
    },
    readBlob: (tenant, digest) =>
      requests.send({ path: `/v1/blobs/${encodeURIComponent(digest)}`, office: tenant }),
    async close() {
      closing.abort();
      await Promise.all([requests.close(), streams.destroy()]);
    },
  };
}

/** One office can be picked by a header; of several the credential's own is looked at. */
function officeOf(tenants: readonly string[] | undefined): string | undefined {
  return tenants?.length === 1 ? tenants[0] : undefined;
}
