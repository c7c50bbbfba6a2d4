import { access, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runChild } from '../kit/index.ts';
import type { NpmSettings } from './child/protocol.ts';
import { builderError } from './errors.ts';

const READ_TIMEOUT_MS = 30_000;

/**
 * Finds the machine's npm and reads the registry of the office's own npm configuration.
 *
 * @param env the office's environment: `PATH` to find npm, the rest is what npm reads its configuration from
 * @param cacheDir where fetched packages are kept; also the folder npm is asked in, so that no project's `.npmrc` is read
 * @throws TabbifyError `build_broken` when there is no npm
 */
export async function readNpmSettings(
  env: Readonly<Record<string, string | undefined>>,
  cacheDir: string,
): Promise<NpmSettings> {
  const cli = await findNpm(env.PATH ?? '');
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // With configuration files that are not there npm answers with what is built in.
  const [own, builtIn] = await Promise.all([
    npmConfig(cli, cacheDir, Object.fromEntries(given)),
    npmConfig(cli, cacheDir, {
      PATH: env.PATH ?? '',
      npm_config_userconfig: join(cacheDir, 'no-user-npmrc'),
      npm_config_globalconfig: join(cacheDir, 'no-global-npmrc'),
    }),
  ]);
  const cafile = own.get('cafile') ?? 'null';
  return {
    cli,
    registry: directoryOf(own.get('registry')),
    publicRegistry: directoryOf(builtIn.get('registry')),
    cafile: cafile === 'null' || cafile === '' ? (env.NODE_EXTRA_CA_CERTS ?? null) : cafile,
    configFiles: ['userconfig', 'globalconfig'].flatMap((name) => own.get(name) ?? []),
    cacheDir: join(cacheDir, 'npm'),
    through: null,
  };
}

async function npmConfig(
  cli: string,
  cwd: string,
  env: Record<string, string>,
): Promise<Map<string, string>> {
  const { code, stdout, stderr } = await runChild(
    process.execPath,
    [cli, 'config', 'get', 'registry', 'cafile', 'userconfig', 'globalconfig'],
    {
      cwd,
      env,
      timeoutMs: READ_TIMEOUT_MS,
    },
  );
  if (code !== 0) {
    throw builderError('build_broken', {
      what: "npm's configuration cannot be read",
      why: stderr.trim().slice(0, 1000),
      hint: 'Run `npm config get registry` as the user the office runs as.',
    });
  }
  return new Map(stdout.split('\n').map((line) => splitAt(line, '=')));
}

function directoryOf(registry: string | undefined): string {
  if (registry === undefined) {
    throw builderError('build_broken', {
      what: 'npm names no registry',
      hint: 'Run `npm config get registry` as the user the office runs as.',
    });
  }
  return registry.endsWith('/') ? registry : `${registry}/`;
}

async function findNpm(path: string): Promise<string> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const candidate = join(folder, 'npm');
    try {
      await access(candidate);
    } catch {
      continue;
    }
    const cli = await realpath(candidate);
    if (cli.endsWith('.js')) return cli; // the link npm's own installation makes
  }
  throw builderError('build_broken', {
    what: 'npm was not found',
    why: 'the app has packages to install, and no folder of PATH holds npm',
    hint: 'Install npm on this machine, or remove the dependencies from the app.',
  });
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
