import { join } from 'node:path';
import { OFFICE_FLAGS } from '../bootstrap/node26.mjs';
import { type Started, start } from '../test/e2e/process.ts';
import { atLeast, atMost, type Figure, median, round } from './figures.ts';
import { rssMb } from './memory.ts';
import { nginxProxy, nginxUpstream } from './nginx.ts';
import { load } from './wrk.ts';

const ROUNDS = 5;
const SECONDS = 3;
const HEADERS = ['Host: bench.localhost', 'Authorization: Bearer bench'];

/** The edge against nginx, one process each, in front of the same trivial upstream; rounds interleaved. */
export async function benchEdge(): Promise<Figure[]> {
  const upstream = await nginxUpstream();
  const proxy = await nginxProxy(upstream.port);
  const edge = await startHere('edge-process.ts', [String(upstream.port)]);
  try {
    const ours = `http://127.0.0.1:${edge.port}/`;
    const peer = `http://127.0.0.1:${proxy.port}/`;
    const direct = `http://127.0.0.1:${upstream.port}/`;
    await load(ours, { connections: 64, seconds: 2, headers: HEADERS }); // warm
    const ratios: number[] = [];
    const throughput: number[] = [];
    const peers: number[] = [];
    const added: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const mine = await load(ours, { connections: 64, seconds: SECONDS, headers: HEADERS });
      const theirs = await load(peer, { connections: 64, seconds: SECONDS, headers: HEADERS });
      if (mine.errors + theirs.errors > 0)
        throw new Error(`errors under load: ours ${mine.errors}, nginx ${theirs.errors}`);
      throughput.push(mine.requestsPerSec);
      peers.push(theirs.requestsPerSec);
      ratios.push(mine.requestsPerSec / theirs.requestsPerSec);
      const low = await load(ours, { connections: 1, seconds: 1, headers: HEADERS });
      const bare = await load(direct, { connections: 1, seconds: 1, headers: HEADERS });
      added.push(low.p50 - bare.p50);
    }
    return [
      atLeast(
        'edge throughput, 64 connections',
        median(ratios),
        '× nginx',
        0.33,
        `${round(median(throughput))}/s, nginx ${round(median(peers))}/s`,
      ),
      atMost(
        'edge latency added at low load, p50',
        median(added),
        'ms',
        0.5,
        'over the upstream alone, 1 connection',
      ),
    ];
  } finally {
    await edge.process.end('SIGTERM');
    await proxy.close();
    await upstream.close();
  }
}

/** 100 MB down and 100 MB up through the edge to a reader that takes its time; growth of the edge's memory meanwhile. */
export async function benchStreaming(): Promise<Figure[]> {
  const bytes = 100 * 1024 * 1024;
  const upstream = await startHere('stream-upstream.ts', []);
  const edge = await startHere('edge-process.ts', [String(upstream.port)]);
  const url = `http://127.0.0.1:${edge.port}/app/0191e7c2-1111-7222-8333-444455556666`;
  const headers = { authorization: 'Bearer bench' };
  let peak = 0;
  const watch = setInterval(async () => {
    peak = Math.max(peak, await rssMb(edge.process.pid));
  }, 20);
  try {
    for (let warm = 0; warm < 20; warm += 1) await (await fetch(`${url}/1000000`, { headers })).arrayBuffer();
    const before = await rssMb(edge.process.pid);
    peak = before;
    const started = performance.now();
    const down = await fetch(`${url}/${bytes}`, { headers });
    let read = 0;
    for await (const chunk of down.body ?? []) {
      read += chunk.length;
      if (read % (8 * 1024 * 1024) < chunk.length) await new Promise((next) => setTimeout(next, 20)); // a slow reader
    }
    const seconds = (performance.now() - started) / 1000;
    const up = await fetch(`${url}/`, { method: 'POST', headers, body: new Uint8Array(bytes) });
    if (read !== bytes || Number(await up.text()) !== bytes) throw new Error('the stream lost bytes');
    return [
      atMost(
        '100 MB down and up through the edge, memory growth',
        peak - before,
        'MiB',
        32,
        `down at ${round(100 / seconds)} MiB/s`,
      ),
    ];
  } finally {
    clearInterval(watch);
    await edge.process.end('SIGTERM');
    await upstream.process.end('SIGTERM');
  }
}

/** Starts a program of this folder that prints `port <n>`. */
async function startHere(file: string, args: string[]): Promise<{ process: Started; port: number }> {
  const started = start(join('bench', file), args, {
    PATH: process.env.PATH ?? '',
    NODE_OPTIONS: OFFICE_FLAGS.join(' '),
  });
  return { process: started, port: Number((await started.printed(/port (\d+)/))[1]) };
}
