import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kind, LoadOptions } from './sample.ts';

/** How an app that is `examples/tiny` under another name is asked. @throws with what a visitor would call a failure */
export interface Visits {
  /** @returns the name under which the app answered; null when the answer does not tell */
  make(kind: Exclude<Kind, 'stream' | 'download'>, bytes: number): Promise<string | null>;
  /** Sends a little again and again and reads it back, until `ms` are over or `ended` aborts. */
  stream(ms: number, ended: AbortSignal): Promise<void>;
  /** Reads what arrives in about `ms`, not faster. */
  download(ms: number, ended: AbortSignal): Promise<void>;
}

/** As long as a person's browser waits, at least. */
const PATIENCE_MS = 30_000;
const STREAM_BEAT_MS = 50;
/** Bytes that a slow reader takes per beat. */
const SLOW_BYTES = 40_000;

export function createVisits({ host, port, prefix }: Pick<LoadOptions, 'host' | 'port' | 'prefix'>): Visits {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'fifo' });
  /** For those who come seldom: the one connection has been idle for seconds each time. */
  const seldom = new Agent({ keepAlive: true, maxSockets: 1 });
  const to = (path: string, options: RequestOptions): RequestOptions => ({
    host,
    port,
    path: `${prefix}${path}`,
    timeout: PATIENCE_MS,
    ...options,
  });

  return {
    async make(kind, bytes) {
      const over = { get: agent, post: agent, rare: seldom, 'get-new': false, 'post-new': false }[kind];
      if (kind.startsWith('post')) {
        const body = Buffer.alloc(bytes, `${bytes} bytes of this. `);
        const options = to('/echo', { method: 'POST', agent: over, headers: { 'content-length': bytes } });
        const answer = await ask(options, body);
        if (!answer.equals(body))
          throw new Error(`${bytes} bytes went up and ${answer.length} others came back`);
        return null;
      }
      const answer = (await ask(to('/', { agent: over }))).toString();
      const name = /^\{"app":"([^"]{4})","requests":\d+\}\n$/.exec(answer)?.[1];
      if (name === undefined) throw new Error(`it answered ${JSON.stringify(answer.slice(0, 80))}`);
      return name;
    },
    async stream(ms, ended) {
      const until = performance.now() + ms;
      const call = request(
        to('/echo', { method: 'POST', agent: false, headers: { 'content-type': 'text/plain' } }),
      );
      const answer = answerTo(call);
      answer.catch(() => {}); // waited for below
      let up = '';
      for (let beat = 0; performance.now() < until && !ended.aborted && !call.destroyed; beat += 1) {
        const line = `beat ${beat}\n`;
        up += line;
        call.write(line);
        await wait(STREAM_BEAT_MS);
      }
      call.end();
      const down = (await bodyOf(await answer)).toString();
      if (down !== up) throw new Error(`${up.length} characters went up and ${down.length} came back`);
    },
    async download(ms, ended) {
      const bytes = Math.ceil(ms / STREAM_BEAT_MS) * SLOW_BYTES;
      const call = request(to(`/bytes/${bytes}`, { agent: false }));
      const answer = answerTo(call);
      call.end();
      const response = await answer;
      expect200(response);
      let read = 0;
      for await (const chunk of response) {
        read += (chunk as Buffer).length;
        if (!ended.aborted) await wait(((chunk as Buffer).length / SLOW_BYTES) * STREAM_BEAT_MS);
      }
      if (read !== bytes || !response.complete) throw new Error(`${read} of ${bytes} bytes came`);
    },
  };
}

async function ask(options: RequestOptions, body?: Buffer): Promise<Buffer> {
  const call = request(options);
  const answer = answerTo(call);
  call.end(body);
  return bodyOf(await answer);
}

function answerTo(call: ReturnType<typeof request>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('response', resolve);
    call.once('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
  });
}

/** @throws when the answer is another than 200, or is cut off */
async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (response.statusCode !== 200)
    throw new Error(`status ${response.statusCode}: ${body.toString().slice(0, 200)}`);
  if (!response.complete) throw new Error('the answer was cut off');
  return body;
}

function expect200({ statusCode }: IncomingMessage): void {
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
}
