import { Agent, request } from 'node:http';
import { quantile } from './figures.ts';

/**
 * Requests at a steady pace, whatever the answers: `node paced-requests.ts <url> <host> <token> <per second> <ms>`.
 * The first second is not counted: this process compiles its own code and opens its connections then. Prints
 * `PacedResult`, latencies in ms.
 */
export interface PacedResult {
  readonly requests: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
}

const [url = '', host = '', token = '', perSecond = '', ms = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const WARM_MS = 1000;
const latencies: number[] = [];
let errors = 0;
const total = (Number(perSecond) * (WARM_MS + Number(ms))) / 1000;
const started = performance.now();
const pending: Promise<void>[] = [];
for (let sent = 0; sent < total; ) {
  const due = Math.min(total, Math.floor(((performance.now() - started) * Number(perSecond)) / 1000));
  for (; sent < due; sent++) pending.push(ask());
  await new Promise((next) => setTimeout(next, 1));
}
await Promise.all(pending);
const result: PacedResult = {
  requests: latencies.length,
  errors,
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);

function ask(): Promise<void> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const failed = () => {
      errors++;
      resolve();
    };
    const call = request(url, { agent, headers: { host, authorization: `Bearer ${token}` } }, (response) => {
      if (response.statusCode !== 200) errors++;
      response.resume().once('end', () => {
        if (begun - started >= WARM_MS) latencies.push(performance.now() - begun);
        resolve();
      });
    });
    call.once('error', failed).end();
  });
}
