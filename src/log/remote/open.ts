import { Agent } from 'undici';
import { type Logger, silentLogger } from '../../kit/index.ts';
import { prepareDraft } from '../envelope-schema.ts';
import { checkExpectation, checkQuery } from '../filter.ts';
import { queryParams } from '../http/query.ts';
import { appendReply, pageReply } from '../http/schemas.ts';
import { HEARTBEAT_MS } from '../http/sse.ts';
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
 * A refusal of the server is thrown as the `TabbifyError` it was there.
 */
export function openRemoteLog(options: RemoteLogOptions): LogStore {
  const { url, token, logger = silentLogger(), retryForMs = 10_000 } = options;
  const closing = new AbortController();
  const closed = closing.signal;
  const requests = createRequests({ url, token, retryForMs, closed });
  // Three heartbeats without a byte: the connection is dead, whatever the network says.
  const streams = new Agent({ bodyTimeout: 3 * HEARTBEAT_MS, headersTimeout: 30_000 });

  const connect = (query: SubscribeQuery, signal: AbortSignal) => {
    const address = new URL(`/v1/events/stream?${queryParams(query)}`, url);
    return readEventStream(address, token, streams, signal);
  };
  const read = async (query: ReadQuery): Promise<EventPage> => {
    checkQuery(query);
    return pageReply.parse(await requests.send('GET', `/v1/events?${queryParams(query)}`));
  };

  return {
    async append(draft, appendOptions) {
      const { draft: event } = prepareDraft(draft);
      const expected = checkExpectation(appendOptions);
      const body = JSON.stringify({ event, ...(expected !== null && { expected_position: expected }) });
      return appendReply.parse(await requests.send('POST', '/v1/events', body));
    },
    read,
    subscribe(query, signal) {
      checkQuery({ ...query, limit: 1 });
      return followRemote(connect, query, signal, closed, logger);
    },
    async head() {
      return (await read({ after: Number.MAX_SAFE_INTEGER, limit: 1 })).head;
    },
    async close() {
      closing.abort();
      await Promise.all([requests.close(), streams.destroy()]);
    },
  };
}
