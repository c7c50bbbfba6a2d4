import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { appRow, json, problem, type Route, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const MANIFEST = '[app]\nname = "hello"\n[build]\nmain = "index.ts"\n';
const LARGE = randomBytes(9 << 20); // more than goes in one request

/** An office that keeps uploads in memory. It is what `src/node/uploads` does, as seen from outside. */
function uploadingOffice(breakAt: readonly number[] = []) {
  const contents = new Map<string, Buffer>();
  const cuts = [...breakAt];
  const sent: number[] = [];
  const begun: { uuid: string; files: { path: string; sha256: string; size: number }[] }[] = [];
  let missing: { sha256: string; size: number }[] = [];
  let stream = Buffer.alloc(0);
  const uuidIn = (url: URL) => url.pathname.split('/')[3] ?? '';
  const standing = () => ({
    id: 'up-1',
    missing,
    offset: stream.length,
    length: missing.reduce((sum, { size }) => sum + size, 0),
  });
  const routes = {
    'POST /v1/apps/:id/uploads': async (request, response, url) => {
      const { files } = JSON.parse(await textOf(request));
      begun.push({ uuid: uuidIn(url), files });
      missing = files.filter(({ sha256 }: { sha256: string }) => !contents.has(sha256));
      json(response, 201, standing());
    },
    'GET /v1/apps/:id/uploads/up-1': (_request, response) => json(response, 200, standing()),
    'PATCH /v1/apps/:id/uploads/up-1': async (request, response) => {
      if (Number(request.headers['upload-offset']) !== stream.length)
        return problem(response, 409, 'no', 'offset');
      const before = stream.length;
      const cut = cuts.shift() ?? Number.POSITIVE_INFINITY;
      const chunks: Buffer[] = [];
      let size = 0;
      try {
        for await (const chunk of request) {
          chunks.push(chunk as Buffer);
          size += chunk.length;
          if (size >= cut) break;
        }
      } catch {
        cuts.length = 0; // the sender has gone: what came by then stays
      }
      stream = Buffer.concat([stream, ...chunks]);
      sent.push(stream.length - before);
      if (size >= cut) return void request.socket.destroy();
      response.writeHead(204).end();
    },
    'POST /v1/apps/:id/uploads/up-1/publish': (_request, response, url) => {
      let at = 0;
      for (const { sha256, size } of missing) {
        const content = stream.subarray(at, at + size);
        if (createHash('sha256').update(content).digest('hex') !== sha256)
          return problem(response, 409, 'bad', sha256);
        contents.set(sha256, content);
        at += size;
      }
      stream = Buffer.alloc(0);
      json(response, 201, { uuid: uuidIn(url), version: begun.length, digest: 'd'.repeat(64), warnings: [] });
    },
    'GET /v1/apps/:id/versions': (_request, response) => json(response, 200, { versions: [] }),
    'GET /v1/apps/:id': (_request, response, url) => json(response, 200, appRow(uuidIn(url), 'hello')),
  } satisfies Record<string, Route>;
  return { routes, sent, begun, arrived: () => stream.length };
}

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function largeApp(folder: Awaited<ReturnType<typeof temporaryFolder>>): Promise<void> {
  await folder.write({ 'app/tabbify.toml': MANIFEST, 'app/index.ts': 'export default {};\n' });
  await writeFile(join(folder.path, 'app/large.bin'), LARGE);
}

test('a large app goes content by content, on over a line that breaks, and the next push sends what changed', async () => {
  await using folder = await temporaryFolder();
  await largeApp(folder);
  const { routes, sent, begun } = uploadingOffice([1 << 20, 2 << 20]);
  await using node = await stubNode(routes);
  const push = () =>
    runCli('tcli', ['push', 'app', '--no-deploy', '--json'], { cwd: folder.path, env: node.env });
  const first = await push();
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(sent).toHaveLength(3);
  const whole = sent.reduce((sum, bytes) => sum + bytes, 0);
  const listed = begun[0]?.files.reduce((sum, { size }) => sum + size, 0);
  expect(whole).toBe(listed);
  expect(begun[0]?.files.map(({ path }) => path)).toEqual(['index.ts', 'large.bin', 'tabbify.toml']);

  await folder.write({ 'app/index.ts': 'export default { fetch() {} };\n' });
  expect((await push()).code).toBe(0);
  expect(sent.slice(3)).toEqual([Buffer.byteLength('export default { fetch() {} };\n')]);
  expect(begun[1]?.uuid).toBe(begun[0]?.uuid);
});

test('Ctrl-C ends the upload, says that the next push goes on, and that one is of the same app', async () => {
  await using folder = await temporaryFolder();
  await largeApp(folder);
  const { routes, begun, arrived } = uploadingOffice();
  await using node = await stubNode(routes);
  const stop = new AbortController();
  await using line = await lossyLine(node.url, 1 << 20, () => stop.abort());
  const stopped = await runCli('tcli', ['push', 'app', '--no-deploy'], {
    cwd: folder.path,
    env: { ...node.env, TABBIFY_NODE_URL: line.url },
    signal: stop.signal,
  });
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toContain('it goes on where it was');
  await expect.poll(arrived, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await readFile(join(folder.path, 'app/tabbify.lock'), 'utf8')).toContain(begun[0]?.uuid);
  const again = await runCli('tcli', ['push', 'app', '--no-deploy', '--json'], {
    cwd: folder.path,
    env: node.env,
  });
  expect([again.code, begun[1]?.uuid]).toEqual([0, begun[0]?.uuid]);
});

test('--dry-run asks nothing and leaves the folder as it was, to the byte', async () => {
  await using folder = await temporaryFolder();
  await largeApp(folder);
  const lock = 'app_id = "0191e7c2-1111-7222-8333-444455556666"\nlatest_version = 1\n# mine\n';
  await folder.write({ 'app/tabbify.lock': lock });
  const state = async () => {
    const names = (await readdir(join(folder.path, 'app'))).sort();
    const files = names.map(async (name) => {
      const path = join(folder.path, 'app', name);
      return [name, (await stat(path)).mtimeMs, (await readFile(path)).toString('base64')];
    });
    return Promise.all(files);
  };
  const before = await state();
  await using node = await stubNode({});
  const options = { cwd: folder.path, env: node.env };
  expect((await runCli('tcli', ['push', 'app', '--dry-run'], options)).stdout).toContain(
    'Nothing was changed',
  );
  expect(await state()).toEqual(before);
  expect(node.requests).toEqual([]);
});

test('what the office refuses ends the push at once, with its words', async () => {
  await using folder = await temporaryFolder();
  await largeApp(folder);
  const { routes } = uploadingOffice();
  await using node = await stubNode({
    ...routes,
    'POST /v1/apps/:id/uploads': (_request, response) =>
      problem(response, 413, 'No room for another version', 'it may have 1 MB', 'Remove versions'),
  });
  const { code, stderr } = await runCli('tcli', ['push', 'app'], { cwd: folder.path, env: node.env });
  expect([code, stderr]).toEqual([1, expect.stringMatching(/No room[\s\S]*1 MB[\s\S]*Remove versions/)]);
  expect(node.requests.filter((each) => each.endsWith('/uploads'))).toHaveLength(1);
});

/** A line to a node that loses what comes after so many bytes. */
async function lossyLine(url: string, after: number, onLoss: () => void) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let passed = 0;
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.on('close', () => upstream.destroy());
    upstream.pipe(client);
    client.on('data', (chunk: Buffer) => {
      if (passed >= after) return onLoss(); // what comes now is lost
      passed += chunk.length;
      upstream.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
