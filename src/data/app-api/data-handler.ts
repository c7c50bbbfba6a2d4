import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { DataClient } from '../client/data-client.ts';
import type { Answer } from '../client/link.ts';
import type { ListPage } from '../database/key-value.ts';
import { dataError } from '../errors.ts';
import { MAX_SQL_BODY_BYTES, MAX_VALUE_BYTES } from '../limits.ts';
import { fromWire } from '../process/protocol.ts';
import { conditionOf, contentTypeOf, cursorAfter, keyOf, listOf } from './key-requests.ts';
import { createBodyReader } from './read-body.ts';
import { sendJson, sendProblem } from './send.ts';

/** Answers requests for an app's data; false when the path is none of those. */
export type DataHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  /** Path and query below `/v1`, e.g. `/kv/a%2Fb` or `/sql`. */
  target: string,
) => boolean;

/**
 * The HTTP side of an app's data: `/kv`, `/kv/<key>` and `/sql` (CONTRACTS §9), for apps by their runner and for people by the node.
 *
 * @param data null: the app keeps none, which every call is told
 * @param options `bodyMs`: milliseconds for a body
 */
export function createDataHandler(
  data: DataClient | null,
  options: { readonly bodyMs?: number } = {},
): DataHandler {
  const bodies = createBodyReader(options.bodyMs);

  async function handle(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    if (data === null) throw notStateful();
    const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
    const { method = 'GET' } = request;
    if (path === '/sql') {
      allow(method, ['POST']);
      const { reply, body } = await bodies.read(request, MAX_SQL_BODY_BYTES, (sql) =>
        data.call({ op: 'sql' }, sql),
      );
      if (reply.reply !== 'sql') throw unexpected({ reply, body });
      return sendJson(response, 200, body);
    }
    if (path === '/kv' || path === '/kv/') {
      allow(method, ['GET']);
      request.resume();
      const { reply, body } = await data.call(listOf(new URLSearchParams(query)));
      if (reply.reply !== 'page') throw unexpected({ reply, body });
      const { entries, last } = JSON.parse(Buffer.from(body).toString('utf8')) as ListPage;
      return sendJson(
        response,
        200,
        JSON.stringify({ entries, next: last === null ? null : cursorAfter(last) }),
      );
    }
    const key = keyOf(path.slice('/kv/'.length));
    allow(method, ['GET', 'PUT', 'DELETE']);
    if (method === 'PUT') {
      const request_ = {
        op: 'put',
        key,
        contentType: contentTypeOf(request.headers),
        condition: conditionOf(request.headers),
      } as const;
      return sendKey(
        response,
        key,
        await bodies.read(request, MAX_VALUE_BYTES, (value) => data.call(request_, value)),
      );
    }
    request.resume();
    const asked =
      method === 'GET'
        ? ({ op: 'get', key } as const)
        : ({ op: 'delete', key, condition: conditionOf(request.headers) } as const);
    return sendKey(response, key, await data.call(asked));
  }

  return (request, response, target) => {
    if (!/^\/(?:kv|sql)(?:[/?]|$)/.test(target)) return false;
    handle(request, response, target).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return response.destroy();
      const problem = error instanceof TabbifyError ? error : failed(error);
      // What is left of the body is not waited for: the connection ends with the answer.
      if (!request.complete) response.setHeader('connection', 'close');
      sendProblem(response, problem);
    });
    return true;
  };
}

function sendKey(response: ServerResponse, key: string, answer: Answer): void {
  const { reply, body } = answer;
  switch (reply.reply) {
    case 'value':
      response.writeHead(200, {
        'content-type': reply.contentType,
        'content-length': body.byteLength,
        etag: `"${reply.revision}"`,
      });
      response.end(body);
      return;
    case 'none':
      throw dataError('kv_not_found', {
        what: `There is no key ${JSON.stringify(key)}`,
        hint: 'GET /v1/kv?prefix= lists the keys there are',
      });
    case 'written':
      response.setHeader('etag', `"${reply.revision}"`);
      sendJson(response, 200, JSON.stringify({ revision: reply.revision }));
      return;
    case 'deleted':
      response.writeHead(204).end();
      return;
    case 'conflict':
      if (reply.revision !== null) response.setHeader('etag', `"${reply.revision}"`);
      throw dataError('kv_conflict', {
        what: `${JSON.stringify(key)} is not what the condition says`,
        why: reply.revision === null ? 'there is no such key' : `its revision is ${reply.revision}`,
        hint: 'Read it again, make the change anew, and write with the new etag',
      });
    default:
      throw unexpected(answer);
  }
}

function allow(method: string, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  throw dataError('method_not_allowed', {
    what: `${method} is not for this path`,
    hint: `Use ${methods.join(', ')}`,
  });
}

function unexpected({ reply }: Answer): TabbifyError {
  return reply.reply === 'error'
    ? fromWire(reply.error)
    : failed(new Error(`the data process replied ${reply.reply}`));
}

function failed(error: unknown): TabbifyError {
  return dataError('data_unavailable', {
    what: 'The call failed',
    why: messageOf(error),
    hint: 'Try again',
    cause: error,
  });
}

function notStateful(): TabbifyError {
  return dataError('not_stateful', {
    what: 'This app keeps no data',
    why: 'its tabbify.toml does not ask for any',
    hint: '[runtime]\nstateful = true',
  });
}
