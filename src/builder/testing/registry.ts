import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A package of one version. */
export interface TestPackage {
  readonly name: string;
  /** Default 1.0.0. */
  readonly version?: string;
  /** Without `package.json` one is made. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly scripts?: Readonly<Record<string, string>>;
  /** Packages it needs, by the version that is there. */
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface ServedPackage extends TestPackage {
  readonly tarball: Buffer;
}

/** A package registry on loopback. */
export interface TestRegistry extends AsyncDisposable {
  /** Ends with `/`. */
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /**
   * A `package-lock.json` that installs the given packages from here.
   *
   * @param wanted what of them `package.json` asks for itself; default: all, in this version
   */
  lockfile(dependencies: readonly string[], wanted?: Readonly<Record<string, string>>): string;
}

/** What a registry asks of who fetches from it. */
export interface RegistryWalls {
  readonly cert: string;
  readonly key: string;
  /** Value of the field `authorization`. */
  readonly authorization: string;
}

/** @param walls default: none, and plain HTTP */
export async function testRegistry(
  packages: readonly TestPackage[],
  walls: RegistryWalls | null = null,
): Promise<TestRegistry> {
  const known = new Map(
    await Promise.all(
      packages.map(
        async (one) => [one.name, { ...one, tarball: await tarballOf(one) } as ServedPackage] as const,
      ),
    ),
  );
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    asked.push(path);
    const found = known.get(path.replace(/\/-\/.*$/, ''));
    if (walls !== null && request.headers.authorization !== walls.authorization) {
      response.writeHead(401).end('{}');
    } else if (found === undefined) response.writeHead(404).end('{}');
    else if (path.endsWith('.tgz')) response.end(found.tarball);
    else response.end(JSON.stringify(packument(url, found)));
  };
  const server = walls === null ? createServer(answer) : createSecure(walls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${walls === null ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    asked,
    lockfile(names, wanted = wantedOf(names)) {
      const locked = names.map((name) => {
        const one: ServedPackage = known.get(name) ?? { name, files: {}, tarball: Buffer.alloc(0) };
        const { dependencies } = one;
        const place = { resolved: tarballUrl(url, one), integrity: integrityOf(one.tarball) };
        return [`node_modules/${name}`, { version: versionOf(one), ...place, dependencies }] as const;
      });
      const root = { name: 'app', dependencies: wanted };
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
  return JSON.stringify({ name: 'app', dependencies: wantedOf(dependencies) });
}

function wantedOf(dependencies: readonly string[]): Record<string, string> {
  return Object.fromEntries(dependencies.map((name) => [name, '1.0.0']));
}

function versionOf({ version = '1.0.0' }: { readonly version?: string }): string {
  return version;
}

function packument(url: string, one: ServedPackage): object {
  const { name, tarball } = one;
  const version = versionOf(one);
  const dist = { tarball: tarballUrl(url, one), integrity: integrityOf(tarball) };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } };
}

function tarballUrl(url: string, one: { readonly name: string; readonly version?: string }): string {
  return `${url}${one.name}/-/${one.name.replace(/^@.*\//, '')}-${versionOf(one)}.tgz`;
}

function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

async function tarballOf(one: TestPackage): Promise<Buffer> {
  const { name, files, scripts } = one;
  const archive = pack();
  const manifest = { name, version: versionOf(one), type: 'module', main: 'index.js', scripts };
  if (files['package.json'] === undefined) {
    archive.entry({ name: 'package/package.json' }, JSON.stringify(manifest));
  }
  for (const [path, content] of Object.entries(files)) archive.entry({ name: `package/${path}` }, content);
  archive.finalize();
  return buffer(archive.pipe(createGzip({ level: 1 })));
}
