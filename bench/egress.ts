import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Agent, type buildConnector, request } from 'undici';
import { importCaller } from '../src/runtimes/testing/index.ts';
import { atLeast, type Figure, median, round } from './figures.ts';

const ROUNDS = 7;
const MS = 1_500;
/** Until V8 has compiled what is at work. */
const WARM_UP_MS = 5_000;
const CONNECTIONS = 16;
const SMALL = 40;
const LARGE = 10_000_000;

/** Asks for something and gives back how many bytes came. */
type Ask = () => Promise<number>;

/**
 * Calling out: what goes through the wall, beside plain undici in the same process, in turn. The channel and the place that is called
 * are processes of their own, as a runner is.
 */
export async function benchEgress(): Promise<Figure[]> {
  const folder = await mkdtemp('/tmp/tbe-'); // short: a socket lies in it
  const path = join(folder, 's');
  const upstream = fork(join(import.meta.dirname, 'egress-upstream-process.ts'));
  const [port] = (await once(upstream, 'message')) as [number];
  const channel = fork(join(import.meta.dirname, 'egress-channel-process.ts'), [path, `127.0.0.1:${port}`]);
  await once(channel, 'message');
  const authority = `127.0.0.1:${port}`;
  const plain = new Agent({ connections: CONNECTIONS });
  const led = new Agent({ connections: CONNECTIONS, connect: tunnel(path, authority) });
  const through = importCaller(path);
  const by =
    (agent: Agent, at: string, reset = false): Ask =>
    async () => {
      const { body } = await request(`http://${authority}${at}`, { dispatcher: agent, reset });
      return (await body.arrayBuffer()).byteLength;
    };
  try {
    return [
      ...(await compared(SMALL, CONNECTIONS, by(plain, '/'), [
        ['calls through the import object to undici, kept connections', 0.6, () => through(authority, '/')],
        ['calls through tunnels that are kept to undici', 0.5, by(led, '/')],
      ])),
      ...(await compared(SMALL, CONNECTIONS, by(plain, '/', true), [
        ['a new tunnel for each call to a new connection', 0.5, by(led, '/', true)],
      ])),
      ...(await compared(LARGE, 2, by(plain, '/large'), [
        ['10 MB through the import object to undici', 0.7, () => through(authority, '/large')],
        ['10 MB through tunnels to undici', 0.7, by(led, '/large')],
      ])),
    ];
  } finally {
    await Promise.all([plain.destroy(), led.destroy(), ended(channel), ended(upstream)]);
    await rm(folder, { recursive: true });
  }
}

type Rival = readonly [name: string, bound: number, ask: Ask];

/** Each in turn, so often; the ratios are those of the medians. */
async function compared(
  bytes: number,
  together: number,
  plain: Ask,
  rivals: readonly Rival[],
): Promise<Figure[]> {
  const asks = [plain, ...rivals.map(([, , ask]) => ask)];
  const rates = asks.map((): number[] => []);
  for (let turn = -1; turn < ROUNDS; turn += 1) {
    for (const [index, ask] of asks.entries()) {
      const rate = await rateOf(ask, bytes, together, turn < 0 ? WARM_UP_MS : MS);
      if (turn >= 0) rates[index]?.push(rate);
    }
  }
  const [ofPlain = Number.NaN, ...others] = rates.map((of) => median(of));
  return rivals.map(([name, bound], index) => {
    const own = others[index] ?? Number.NaN;
    return atLeast(name, own / ofPlain, '×', bound, `${round(own)} beside ${round(ofPlain)} per second`);
  });
}

async function rateOf(ask: Ask, bytes: number, together: number, ms: number): Promise<number> {
  const begin = performance.now();
  let count = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - begin < ms) {
      const came = await ask();
      if (came !== bytes) throw new Error(`${came} bytes came instead of ${bytes}`);
      count++;
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  return (count / (performance.now() - begin)) * 1_000;
}

/** As a worker connects: a CONNECT over the channel's socket. */
function tunnel(path: string, authority: string): buildConnector.connector {
  return (_options, callback) => {
    const socket = connect({ path });
    const failed = (error: Error): void => callback(error, null);
    socket.once('error', failed);
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
    socket.once('data', (answer: Buffer) => {
      socket.off('error', failed);
      if (answer.toString('latin1').startsWith('HTTP/1.1 200 ')) callback(null, socket);
      else failed(new Error(String(answer)));
    });
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}
