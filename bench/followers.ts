import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Many followers of a node's events, each on a connection of its own: `node followers.ts <url> <token> <of all>
 * <of one subject> <subjects> <after>`. Prints `{"connected": n}` when every stream is open. A line of its input ends a
 * measurement; then it prints `FollowersResult` for what was delivered since the line before.
 */
export interface FollowersResult {
  /** Events that came to followers. */
  readonly delivered: number;
  /** From the append's call to here, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly megabytes: number;
}

const [address = '', token = '', ofAll = '', ofOne = '', subjects = '', after = ''] = process.argv.slice(2);
const { hostname, port } = new URL(address);
/** Latencies that are kept; beyond it later ones take the places of earlier ones. */
const KEPT = 2_000_000;
const SENT_AT = Buffer.from('"sent_at":');
const latencies = new Float64Array(KEPT);
let delivered = 0;
let bytes = 0;
/** Working out a result holds this process up: what comes meanwhile and just afterwards is not counted. */
const PAUSE_MS = 250;
let countFrom = 0;

const sockets: Promise<Socket>[] = [];
for (let n = 0; n < Number(ofAll); n++) sockets.push(follow('segment=tenant_default.numbers'));
for (let n = 0; n < Number(ofOne); n++) sockets.push(follow(`subject=app/${n % Number(subjects)}`));
const connected = await Promise.all(sockets);
process.stdout.write(`${JSON.stringify({ connected: connected.length })}\n`);

for await (const _ of createInterface({ input: process.stdin })) {
  const sorted = latencies.subarray(0, Math.min(delivered, KEPT)).sort();
  const at = (q: number) => sorted[Math.floor((sorted.length - 1) * q)] ?? Number.NaN;
  const result: FollowersResult = {
    delivered,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    megabytes: bytes / 1e6,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  latencies.fill(0);
  delivered = 0;
  bytes = 0;
  countFrom = performance.now() + PAUSE_MS;
}
process.exit(0);

/** One stream from the head on; looks for nothing but the time in each event, as the clients are not what is measured. */
async function follow(query: string): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    `GET /v1/events/stream?after=${after}&${query} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`,
  );
  await once(socket, 'readable');
  let open: Buffer = Buffer.alloc(0); // a frame that has not come to its end
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    const whole = chunk.lastIndexOf('\n\n') + 2;
    if (whole < 2) {
      open = Buffer.concat([open, chunk]);
      return;
    }
    take(open.length > 0 ? Buffer.concat([open, chunk.subarray(0, whole)]) : chunk.subarray(0, whole));
    open = Buffer.from(chunk.subarray(whole));
  });
  socket.on('close', () => process.stderr.write('a stream was closed\n'));
  return socket;
}

function take(chunk: Buffer): void {
  if (performance.now() < countFrom) return;
  const now = Number(process.hrtime.bigint()) / 1e6;
  for (let at = chunk.indexOf(SENT_AT); at >= 0; at = chunk.indexOf(SENT_AT, at + 1)) {
    const sentAt = Number.parseFloat(chunk.toString('latin1', at + SENT_AT.length, at + SENT_AT.length + 24));
    latencies[delivered % KEPT] = now - sentAt;
    delivered++;
  }
}
