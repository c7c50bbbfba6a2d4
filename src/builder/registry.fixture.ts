import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A package of one version. */
export interface TestPackage {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** A package registry on loopback. */
export interface TestRegistry extends AsyncDisposable {
  /** Ends with `/`. */
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** A `package-lock.json` that installs the given packages from here. */
  lockfile(dependencies: readonly string[]): string;
}

export async function testRegistry(packages: readonly TestPackage[]): Promise<TestRegistry> {
  const tarballs = new Map(
    await Promise.all(packages.map(async (one) => [one.name, await tarballOf(one)] as const)),
  );
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    asked.push(path);
    const name = path.replace(/\/-\/.*$/, '');
    const tarball = tarballs.get(name);
    if (tarball === undefined) response.writeHead(404).end('{}');
    else if (path.endsWith('.tgz')) response.end(tarball);
    else response.end(JSON.stringify(packument(url, name, tarball)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    asked,
    lockfile(dependencies) {
      const locked = dependencies.map((name) => {
        const integrity = integrityOf(tarballs.get(name) ?? Buffer.alloc(0));
        return [
          `node_modules/${name}`,
          { version: '1.0.0', resolved: tarballUrl(url, name), integrity },
        ] as const;
      });
      const root = { name: 'app', dependencies: wanted(dependencies) };
      return JSON.stringify({
        name: 'app',
        lockfileVersion: 3,
        requires: true,
        packages: { '': root, ...Object.fromEntries(locked) },
      });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The `package.json` of an app that depends on the given packages. */
export function packageJson(dependencies: readonly string[]): string {
  return JSON.stringify({ name: 'app', dependencies: wanted(dependencies) });
}

function wanted(dependencies: readonly string[]): Record<string, string> {
  return Object.fromEntries(dependencies.map((name) => [name, '1.0.0']));
}

function packument(url: string, name: string, tarball: Buffer): object {
  const dist = { tarball: tarballUrl(url, name), integrity: integrityOf(tarball) };
  return { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name, version: '1.0.0', dist } } };
}

function tarballUrl(url: string, name: string): string {
  return `${url}${name}/-/${name}-1.0.0.tgz`;
}

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

async function tarballOf({ name, files, scripts }: TestPackage): Promise<Buffer> {
  const archive = pack();
  const manifest = { name, version: '1.0.0', type: 'module', main: 'index.js', scripts };
  archive.entry({ name: 'package/package.json' }, JSON.stringify(manifest));
  for (const [path, content] of Object.entries(files)) archive.entry({ name: `package/${path}` }, content);
  archive.finalize();
  return buffer(archive.pipe(createGzip()));
}
