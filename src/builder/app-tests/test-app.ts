import { chmod, mkdir, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type BoxReport,
  NODE_IN_BOX,
  runTool,
  type ShownFile,
  type ToolResult,
} from '../../sandbox/index.ts';
import { makeScratch, removeScratch, sweepScratch } from '../artifact-cache.ts';
import { copySource } from '../boxed/copy-source.ts';
import { installedPackages } from '../boxed/installed-packages.ts';
import { buildCacheDirectory } from '../cache-directory.ts';
import { NOT_COPIED } from '../child/install.ts';
import type { NpmSettings } from '../child/protocol.ts';
import { builderError } from '../errors.ts';
import { readNpmSettings } from '../npm-settings.ts';
import { SDK_FOLDER, SDK_PACKAGE } from '../sdk-folder.ts';
import { wallsFor } from '../walls.ts';
import { programOf, readTestPackage } from './packages-for-tests.ts';
import { type TestCommand, testCommand } from './test-command.ts';

/** Bounds of all that tests start, together. */
const TEST_BOUNDS = {
  memoryBytes: 2 * 2 ** 30,
  tasks: 256,
  tmpBytes: 512 << 20,
  openFiles: 4096,
  /** What lies in their copy of the app. */
  disk: { bytes: 2 ** 31, entries: 100_000 },
} as const;

/** An installation has as long as a build (milliseconds). */
const INSTALL_MS = 120_000;

/** Packages one folder above the app and the platform's own one further up: both are found, and tests can write where they are. */
const IN_BOX = {
  app: '/work/app',
  packages: '/work/node_modules',
  own: '/node_modules',
  sdk: '/sdk',
} as const;

export interface TestRequest {
  /** The app's folder; only read. */
  readonly sourceDir: string;
  /** Home of boxes and caches; made if missing. */
  readonly home: string;
  /** The app's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Behind those of the script. */
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly colours: boolean;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  /** What is being done before the tests run; `note`: what the person should know. */
  readonly onProgress: (step: 'install' | 'run' | 'note', detail: string) => void;
  /** Where packages come from; default: the npm of this machine, and the registry it is set to. */
  readonly npm?: NpmSettings;
  /** Whether boxes can be built here; default: it is tried. */
  readonly walls?: BoxReport;
}

/** How tests came to their end. */
export interface TestOutcome {
  /** `itself`: they ended, with this code or by this signal; otherwise they were ended at a bound, or called off. */
  readonly ended: ToolResult['ended'];
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Runs the tests of an app in a box: on a copy of its folder, with its packages, without a network but its own loopback. Nothing of what
 * they do is left.
 *
 * @throws TabbifyError `tests_unboxed` when no box can be built here; `build_failed` (packages, or a script that needs a shell)
 */
export async function testApp(request: TestRequest): Promise<TestOutcome> {
  const { sourceDir, home, args, signal, onProgress } = request;
  const cacheDir = buildCacheDirectory(home);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const walls = request.walls ?? (await wallsFor(home));
  if (!walls.possible) throw unboxed(walls);
  const { script, install, note } = await readTestPackage(sourceDir);
  const command = testCommand(script, args);
  if (note !== null) onProgress('note', note);
  await sweepScratch(cacheDir);
  const scratchDir = await makeScratch(cacheDir);
  try {
    const app = join(scratchDir, 'app');
    await copySource(sourceDir, app, NOT_COPIED);
    const packages = install ? await packagesFor(request, cacheDir, scratchDir) : null;
    if (signal?.aborted) return { ended: 'aborted', code: null, signal: null };
    const argv = await argvOf(command, packages);
    onProgress('run', [command.program, ...command.args].join(' '));
    const {
      ended,
      code,
      signal: by,
    } = await runTool({
      place: { home, sockets: scratchDir },
      label: 'tests of an app',
      argv,
      env: environment(request, command),
      files: [
        ...(packages === null ? [] : [{ from: packages, to: IN_BOX.packages }]),
        ...(await sdkFiles(scratchDir)),
      ],
      writable: [{ from: app, to: IN_BOX.app }],
      disk: TEST_BOUNDS.disk,
      channel: null,
      bounds: { ...TEST_BOUNDS, cpus: availableParallelism() },
      timeoutMs: request.timeoutMs,
      signal,
      onOutput: request.onOutput,
    });
    return { ended, code, signal: by };
  } finally {
    await removeScratch(scratchDir);
  }
}

async function packagesFor(request: TestRequest, cacheDir: string, scratchDir: string): Promise<string> {
  const { sourceDir, home, signal, onProgress } = request;
  const npm = request.npm ?? (await readNpmSettings(process.env, cacheDir));
  const build = {
    ...{ home, scratchDir, signal, timeoutMs: INSTALL_MS },
    deadline: performance.now() + INSTALL_MS,
    onProgress: (_step: unknown, detail: string) => onProgress('install', detail),
  };
  return installedPackages(build, { sourceDir, cacheDir, npm, dev: true });
}

async function argvOf({ program, args }: TestCommand, packages: string | null): Promise<readonly string[]> {
  if (program === 'node') return [NODE_IN_BOX, ...args];
  const file = packages === null ? null : await programOf(packages, program);
  if (file !== null) return [NODE_IN_BOX, join(IN_BOX.packages, file), ...args];
  throw builderError('build_failed', {
    what: `The tests are run with \`${program}\`, which is not there`,
    why: 'the sandbox has node, and the programs of the packages in package-lock.json',
    hint: `\`npm install --save-dev ${program}\`, or let the script \`test\` be \`node --test\`.`,
  });
}

/** The platform's own package, where a module of the app finds it; behind a link, as node takes no TypeScript from `node_modules`. */
async function sdkFiles(scratchDir: string): Promise<readonly ShownFile[]> {
  const folder = join(scratchDir, 'own');
  const [scope = ''] = SDK_PACKAGE.split('/');
  for (const path of [folder, join(folder, scope)]) {
    await mkdir(path);
    await chmod(path, 0o755); // whatever the umask is
  }
  await symlink(IN_BOX.sdk, join(folder, SDK_PACKAGE));
  return [
    { from: folder, to: IN_BOX.own },
    { from: SDK_FOLDER, to: IN_BOX.sdk },
  ];
}

function environment({ env, colours }: TestRequest, command: TestCommand): Readonly<Record<string, string>> {
  return {
    ...{ HOME: '/tmp', TMPDIR: '/tmp', PATH: '/usr/bin', LANG: 'C.UTF-8', TZ: 'UTC', CI: 'true' },
    ...(colours ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    ...env,
    ...command.env,
  };
}

function unboxed({ why, hint }: BoxReport & { readonly possible: false }) {
  return builderError('tests_unboxed', {
    what: 'The tests were not run: this machine has no sandbox for them',
    why: `${why}; code of an app never runs without one`,
    hint,
  });
}
