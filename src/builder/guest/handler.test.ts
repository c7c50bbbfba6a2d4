import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type App, createHandler } from './handler.ts';
import { exchange, type MemoryExchange, type MemoryRequest } from './memory-wasi.fixture.ts';

const log: string[] = [];

beforeEach(() => {
  log.length = 0;
  vi.spyOn(globalThis.console, 'error').mockImplementation((line: string) => void log.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function serve(
  fetch: App['fetch'],
  request: MemoryRequest = {},
  permit?: number,
  clientGoneAfter?: number,
): Promise<MemoryExchange> {
  const result = exchange(request, permit, clientGoneAfter);
  await createHandler({ fetch }, result.wasi).handle(result.incoming, result.outparam);
  expect([...result.held.keys()]).toEqual([]); // every handle was let go, children first
  return result;
}

function streamOf(chunks: readonly (string | Error)[]): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const next = rest.shift();
      if (next === undefined) controller.close();
      else if (next instanceof Error) controller.error(next);
      else controller.enqueue(new TextEncoder().encode(next));
    },
  });
}

describe('createHandler', () => {
  it('has the app build what it would build with each first request', async () => {
    const app = new Hono().get('/', (c) => c.text('shop'));
    const { wasi, incoming, outparam, ...result } = exchange({ path: '/' });
    const handler = createHandler(app as App, wasi);
    expect(app.router.name).toBe('SmartRouter + RegExpRouter');
    await handler.handle(incoming, outparam);
    expect(result.chunks.join('')).toBe('shop');
  });

  it('answers a rehearsal itself, and asks the app nothing', async () => {
    const result = await serve(
      () => {
        throw new Error('asked');
      },
      { method: 'tabbify rehearsal', path: '/x' },
    );
    expect(result).toMatchObject({ status: 200, end: 'finished' });
    expect(result.chunks.join('')).toContain('"pathname":"/x"');
    expect(log).toEqual([]);
  });

  it('gives fetch the request and the environment', async () => {
    const result = await serve(
      async (request, env) =>
        Response.json({
          method: request.method,
          url: request.url,
          a: request.headers.get('x-a'),
          env: env.GREETING,
        }),
      {
        path: '/there?x=1',
        headers: [
          ['x-a', 'one'],
          ['x-a', 'two'],
        ],
      },
    );
    expect(JSON.parse(result.chunks.join(''))).toEqual({
      method: 'GET',
      url: 'http://app.test/there?x=1',
      a: 'one, two',
      env: 'Hello',
    });
    expect(result).toMatchObject({ status: 200, end: 'finished' });
  });

  it('streams a body back chunk by chunk, waiting where none has come yet', async () => {
    const result = await serve(async (request) => new Response(request.body), {
      method: 'POST',
      body: ['one', 'wait', 'two', 'wait', 'wait', 'three'],
    });
    expect(result.chunks).toEqual(['one', 'two', 'three']);
    expect(result.end).toBe('finished');
  });

  it('lets the timers of the app run while it waits for a body', async () => {
    const order: string[] = [];
    await serve(
      async (request) => {
        setTimeout(() => order.push('timer'), 0);
        await request.text();
        order.push('body');
        return new Response('done');
      },
      { method: 'POST', body: ['wait', 'wait', 'wait', 'end'] },
    );
    expect(order).toEqual(['timer', 'body']);
  });

  it('fails the read of a body that broke off, and answers what the app makes of it', async () => {
    const result = await serve(
      async (request) =>
        new Response(await request.text().catch((error: Error) => error.message), { status: 400 }),
      { method: 'POST', body: ['half', 'break'] },
    );
    expect(result.status).toBe(400);
    expect(result.chunks.join('')).toContain('broke off');
  });

  it('writes no more at a time than the reader takes', async () => {
    const result = await serve(async () => new Response('abcdefghij'), {}, 4);
    expect(result.chunks).toEqual(['abcd', 'efgh', 'ij']);
    expect(result.waits).toBeGreaterThan(0);
  });

  it('leaves out empty chunks, which must not end the stream', async () => {
    const result = await serve(async () => new Response(streamOf(['data: 1\n\n', '', 'data: 2\n\n'])));
    expect(result.chunks).toEqual(['data: 1\n\n', 'data: 2\n\n']);
  });

  it('sends every cookie as a field of its own and none of the connection’s headers', async () => {
    const headers = new Headers({
      connection: 'close',
      'transfer-encoding': 'chunked',
      'x-latin': 'caf\u00e9',
    });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT');
    const result = await serve(async () => new Response(null, { status: 204, headers }));
    expect(result.headers).toEqual([
      ['x-latin', 'caf\u00e9'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
    ]);
    expect(result).toMatchObject({ status: 204, chunks: [], end: 'finished' });
  });

  it('reads header values as bytes, whatever they encode', async () => {
    const result = await serve(
      async (request) => new Response(null, { headers: { back: request.headers.get('x') ?? '' } }),
      {
        headers: [['x', Uint8Array.of(0x63, 0xe9, 0xff)]],
      },
    );
    expect(result.headers).toEqual([['back', 'c\u00e9\u00ff']]);
  });

  it('answers HEAD with the headers alone, and cancels the body', async () => {
    const cancelled = vi.fn();
    const body = new ReadableStream({ cancel: cancelled });
    const result = await serve(async () => new Response(body, { headers: { 'content-length': '12' } }), {
      method: 'HEAD',
    });
    expect(result).toMatchObject({ headers: [['content-length', '12']], chunks: [], end: 'finished' });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it('answers 500 to what fetch throws, and tells the log with the stack', async () => {
    const result = await serve(() => {
      throw new RangeError('on purpose');
    });
    expect(result).toMatchObject({ status: 500, chunks: ['Internal Server Error'], end: 'finished' });
    expect(log.join()).toMatch(/RangeError: on purpose\n[\s\S]*handler\.test/);
  });

  it('answers 500 when fetch returns no Response', async () => {
    const result = await serve(async () => 'text' as unknown as Response);
    expect(result.status).toBe(500);
    expect(log.join()).toContain('must return a Response');
  });

  it('answers 500 when a header cannot be sent, or the body was read before', async () => {
    expect((await serve(async () => new Response('x', { headers: { forbidden: '1' } }))).status).toBe(500);
    const used = async (): Promise<Response> => {
      const response = new Response('x');
      await response.text();
      return response;
    };
    expect((await serve(used)).status).toBe(500);
  });

  it('answers 400 to a method the Fetch standard does not know', async () => {
    const result = await serve(async () => new Response('never'), { method: 'TRACE' });
    expect(result.status).toBe(400);
  });

  it('breaks the connection when a body fails half way, instead of ending it', async () => {
    const result = await serve(async () => new Response(streamOf(['first', new Error('half way')])));
    expect(result).toMatchObject({ status: 200, chunks: ['first'], end: 'dropped' });
    expect(log.join()).toContain('half way');
  });

  it('stops the app’s stream, quietly, when the visitor has gone', async () => {
    const cancelled = vi.fn();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(8)),
      cancel: cancelled,
    });
    const result = await serve(async () => new Response(body), {}, undefined, 2);
    expect(result).toMatchObject({ end: 'dropped' });
    expect(cancelled).toHaveBeenCalledOnce();
    expect(log).toEqual([]);
  });

  it('lets go of a body the app never read, and refuses to read it later', async () => {
    let late: Request | undefined;
    await serve(
      async (request) => {
        late = request;
        return new Response('done');
      },
      { method: 'POST', body: ['unread'] },
    );
    await expect(late?.text()).rejects.toThrow('over');
  });

  it('refuses a default export without fetch', () => {
    const { wasi } = exchange({});
    expect(() => createHandler((() => {}) as unknown as App, wasi)).toThrow('tabbify-default-export');
    expect(() => createHandler(null as unknown as App, wasi)).toThrow('null');
  });
});
