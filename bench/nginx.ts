import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../src/kit/index.ts';

/** An nginx of one worker that this process started. */
export interface Nginx {
  readonly port: number;
  close(): Promise<void>;
}

/** nginx as the trivial upstream: one short answer from memory. */
export function nginxUpstream(): Promise<Nginx> {
  return nginx(
    (port) =>
      `server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "ok\\n"; } }`,
  );
}

/** nginx as the reverse proxy to compare with: kept-alive connections to one upstream, one worker. */
export function nginxProxy(upstreamPort: number): Promise<Nginx> {
  return nginx(
    (port) => `upstream up { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 1000000; }
server { listen 127.0.0.1:${port}; location / {
  proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
  proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $host; proxy_set_header X-Forwarded-Proto http; } }`,
  );
}

/** nginx as the server of files to compare with. @param root folder */
export function nginxFiles(root: string): Promise<Nginx> {
  return nginx(
    (port) =>
      `server { listen 127.0.0.1:${port}; root ${root}; sendfile on; tcp_nopush on; types { text/css css; } }`,
  );
}

async function nginx(servers: (port: number) => string): Promise<Nginx> {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-bench-nginx-'));
  const port = await freePort();
  await writeFile(
    join(directory, 'nginx.conf'),
    `worker_processes 1; daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${directory}/b; proxy_temp_path ${directory}/p;
fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
${servers(port)} }`,
  );
  const path = `${process.env.PATH ?? ''}:/usr/sbin`;
  const child = startChild('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], {
    env: { PATH: path },
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  await answers(`http://127.0.0.1:${port}/`);
  return {
    port,
    async close() {
      child.kill('SIGTERM');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** Waits until a URL answers anything. */
async function answers(url: string, deadlineMs = 10_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((next) => setTimeout(next, 20));
    }
  }
}
