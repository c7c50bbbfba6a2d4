import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OFFICE_FLAGS } from '../bootstrap/node26.mjs';
import { start } from '../test/e2e/process.ts';
import { atLeast, type Figure, median, round } from './figures.ts';
import { nginxFiles } from './nginx.ts';
import { load } from './wrk.ts';

const ROUNDS = 5;
const SECONDS = 3;
const HEADERS = ['Host: bench.localhost', 'Authorization: Bearer bench'];

/** A file of 10 KB through the edge and from nginx, one process each, rounds interleaved. */
export async function benchStatic(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-bench-static-'));
  const site = join(folder, 'site', 'public');
  await mkdir(site, { recursive: true });
  await writeFile(join(site, 'style.css'), randomBytes(5 * 1024).toString('hex'));
  const peer = await nginxFiles(site);
  const edge = start(join('bench', 'static-process.ts'), [join(folder, 'site'), folder], {
    PATH: process.env.PATH ?? '',
    NODE_OPTIONS: OFFICE_FLAGS.join(' '),
  });
  try {
    const port = (await edge.printed(/port (\d+)/))[1];
    const ours = `http://127.0.0.1:${port}/style.css`;
    const theirs = `http://127.0.0.1:${peer.port}/style.css`;
    await load(ours, { connections: 64, seconds: 2, headers: HEADERS }); // warm
    const ratios: number[] = [];
    const rates: number[] = [];
    const peers: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const mine = await load(ours, { connections: 64, seconds: SECONDS, headers: HEADERS });
      const other = await load(theirs, { connections: 64, seconds: SECONDS, headers: HEADERS });
      if (mine.errors + other.errors > 0)
        throw new Error(`errors under load: ours ${mine.errors}, nginx ${other.errors}`);
      rates.push(mine.requestsPerSec);
      peers.push(other.requestsPerSec);
      ratios.push(mine.requestsPerSec / other.requestsPerSec);
    }
    const beside = `${round(median(rates))}/s, nginx ${round(median(peers))}/s`;
    return [atLeast('static file of 10 KB, 64 connections', median(ratios), '× nginx', 0.5, beside)];
  } finally {
    await edge.end('SIGTERM');
    await peer.close();
    await rm(folder, { recursive: true, force: true });
  }
}
