import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { findPrograms } from '../launch/programs.ts';
import { runTool } from './run-tool.ts';
import { NODE_IN_BOX } from './tool-files.ts';

/** The folder of the machine's npm. */
function npmFolder(): string {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
    .find((path) => path.endsWith('npm-cli.js'));
  if (found === undefined) throw new Error('no folder of PATH has npm');
  return dirname(dirname(found));
}

async function tarball(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'package/package.json' }, JSON.stringify({ name: 'one', version: '1.0.0' }));
  archive.entry({ name: 'package/index.js' }, 'export const one = 1;');
  archive.finalize();
  return buffer(archive.pipe(createGzip()));
}

it('npm installs from a lockfile through the channel, and reaches nothing else', async (context) => {
  context.skip(skipWithout('bubblewrap', findPrograms().bwrap !== undefined));
  const bytes = await tarball();
  const registry = createServer((_, response) => response.end(bytes));
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const home = mkdtempSync(join(tmpdir(), 'tabbify-npm-'));
  onTestFinished(() => {
    registry.close();
    registry.closeAllConnections();
    rmSync(home, { recursive: true, force: true });
  });
  const { port } = registry.address() as AddressInfo;
  const work = join(home, 'work');
  await mkdir(work);
  const dependencies = { one: '1.0.0' };
  const locked = {
    version: '1.0.0',
    resolved: `http://registry.example:${port}/one/-/one-1.0.0.tgz`,
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
  };
  const packages = { '': { name: 'app', dependencies }, 'node_modules/one': locked };
  await writeFile(join(work, 'package.json'), JSON.stringify({ name: 'app', dependencies }));
  await writeFile(
    join(work, 'package-lock.json'),
    JSON.stringify({ name: 'app', lockfileVersion: 3, requires: true, packages }),
  );
  const asked = new Set<string>();
  const result = await runTool({
    place: { home, sockets: home },
    label: 'npm',
    argv: [NODE_IN_BOX, '/npm/bin/npm-cli.js', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    env: {
      HOME: '/tmp',
      PATH: '/usr/bin',
      npm_config_registry: `http://registry.example:${port}/`,
      npm_config_update_notifier: 'false',
    },
    files: [{ from: npmFolder(), to: '/npm' }],
    writable: [{ from: work, to: '/work' }],
    channel: {
      dial: async (to) => {
        asked.add(to.host);
        return connect(port, '127.0.0.1');
      },
    },
    bounds: { memoryBytes: 1 << 30, cpus: 2, tasks: 128, tmpBytes: 64 << 20, openFiles: 1024 },
    timeoutMs: 60_000,
  });
  expect([result.ended, result.code, result.stderr]).toEqual(['itself', 0, '']);
  expect([...asked]).toEqual(['registry.example']);
  expect(readFileSync(join(work, 'node_modules/one/index.js'), 'utf8')).toContain('one = 1');
}, 90_000);
